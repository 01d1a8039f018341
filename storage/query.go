package storage

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Exec runs one statement outside a transaction.
func (db *DB) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	c, err := db.acquire(ctx)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	defer c.release()
	tag, err := c.Exec(ctx, sql, args...)
	return tag, translate(err)
}

// Query runs one query outside a transaction; its connection is free again when
// the rows are closed.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c, err := db.acquire(ctx)
	if err != nil {
		return noRows{err}, err
	}
	rows, err := c.Query(ctx, sql, args...)
	if err != nil {
		c.release()
		return noRows{translate(err)}, translate(err)
	}
	return &heldRows{Rows: rows, release: c.release}, nil
}

// QueryRow runs a query for one row outside a transaction.
func (db *DB) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, _ := db.Query(ctx, sql, args...) // Scan returns Query's error
	return row{rows}
}

// SendBatch runs a batch outside a transaction; its connection is free again
// when the results are closed.
func (db *DB) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	c, err := db.acquire(ctx)
	if err != nil {
		return noResults{err}
	}
	return &heldResults{BatchResults: c.SendBatch(ctx, b), release: c.release}
}

// lease is a connection lent by the pool, with a timer that breaks it should
// PostgreSQL never answer: statement_timeout needs a PostgreSQL that is awake.
type lease struct {
	*pgxpool.Conn
	hung *time.Timer
}

func (db *DB) acquire(ctx context.Context) (*lease, error) {
	bounded, cancel := context.WithTimeoutCause(ctx, acquireTimeout, errSlow)
	defer cancel()
	conn, err := db.pool.Acquire(bounded)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case bounded.Err() != nil:
		return nil, translate(errSlow)
	default:
		return nil, translate(err)
	}
	wire := conn.Conn().PgConn().Conn()
	breakIt := func() { _ = wire.SetDeadline(time.Now()) } // fails only if it is broken already
	return &lease{Conn: conn, hung: time.AfterFunc(db.patient, breakIt)}, nil
}

func (l *lease) release() {
	if !l.hung.Stop() { // it fired: the deadline must not meet the next user
		_ = l.Conn.Conn().Close(context.Background()) // broken on purpose
	}
	l.Conn.Release()
}
