// Package storage opens PostgreSQL, migrates its schema and runs transactions.
//
// It holds no query of its own: SQL lives in the store.go of the package that
// owns the table. Whatever says that the database is away (refused, stopping,
// hung, out of connections) comes back as fault.Unavailable, so that a door
// answers 503 and a sender retries.
package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Tx is a transaction, given to the function of a Write.
type Tx = pgx.Tx

// Querier reads or writes, inside a transaction (Tx) or outside (*DB).
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// DB is a pool of connections to one PostgreSQL database.
type DB struct {
	pool    *pgxpool.Pool
	patient time.Duration // how long a query or transaction may hold a connection
}

const (
	connectTimeout = 5 * time.Second  // to open one connection
	acquireTimeout = 5 * time.Second  // to be given one, old or new
	longest        = 40 * time.Second // to use one: past it, and past its own limits, PostgreSQL is taken for hung
)

// Open connects to the database at url, with at most maxConns connections.
func Open(ctx context.Context, url string, maxConns int) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	tune(config, maxConns)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db := &DB{pool: pool, patient: longest}
	if err := db.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return db, nil
}

// Close waits for the connections in use and closes them all.
func (db *DB) Close() { db.pool.Close() }

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	_, err := db.Exec(ctx, "SELECT 1")
	return err
}

func tune(config *pgxpool.Config, maxConns int) {
	config.MaxConns = int32(max(maxConns, 1))
	config.MinIdleConns = 0
	config.MaxConnLifetime = time.Hour
	config.MaxConnLifetimeJitter = 10 * time.Minute
	config.MaxConnIdleTime = 5 * time.Minute
	config.HealthCheckPeriod = 15 * time.Second
	config.PingTimeout = 2 * time.Second // of a connection that has rested, before it is used
	config.ConnConfig.ConnectTimeout = connectTimeout
	for name, value := range map[string]string{
		"application_name": "passerelles",
		"timezone":         "UTC",
		// A plan is made once, maybe while a queue is empty, and must do when it is full.
		"plan_cache_mode":                     "force_generic_plan",
		"enable_seqscan":                      "off",
		"jit":                                 "off",
		"statement_timeout":                   "30s",
		"idle_in_transaction_session_timeout": "30s",
	} {
		if _, chosen := config.ConnConfig.RuntimeParams[name]; !chosen {
			config.ConnConfig.RuntimeParams[name] = value
		}
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		readTimesAsUTC(conn.TypeMap())
		return nil
	}
}

// readTimesAsUTC overrules pgx, which gives times in the machine's zone.
func readTimesAsUTC(types *pgtype.Map) {
	types.RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}
