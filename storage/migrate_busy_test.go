package storage_test

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // database/sql, for goose
	"github.com/pressly/goose/v3"

	"passerelles/fault"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// first is a version of the schema whose successors change tables that it has.
const first = 9

// TestMigrateGivesWay starts a newer program while somebody's transaction, as a
// backup's, reads a table that it changes: the others go on, and so does the
// program once that has ended.
func TestMigrateGivesWay(t *testing.T) {
	t.Parallel()
	url := storagetest.Empty(t)
	steps(t, url, first)
	long := readsLong(t, url)
	migrated := make(chan error, 1)
	go func() { migrated <- storage.Migrate(t.Context(), url) }()
	awaitRow(t, url, `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'hosts'::regclass AND NOT granted)`)

	patient, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := connect(t, url).Exec(patient, `SELECT FROM hosts`); err != nil {
		t.Errorf("who reads while a migration waits: %v", err)
	}
	select {
	case err := <-migrated:
		t.Errorf("it did not wait: %v", err)
	default:
	}
	if err := long.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Error(err)
	}
	if version, err := storage.Version(t.Context(), connect(t, url)); err != nil || version != storage.Latest() {
		t.Errorf("version = %d, %v, want %d", version, err, storage.Latest())
	}
}

// It does not try for ever: a service is started again, and a person is told.
func TestMigrateSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	url := storagetest.Empty(t)
	steps(t, url, first)
	readsLong(t, url)
	err := storage.MigrateTrying(t.Context(), url, 2)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Message(err), "pg_stat_activity") {
		t.Errorf("%v, want a fault that names pg_stat_activity", err)
	}
	if version, err := storage.Version(t.Context(), connect(t, url)); err != nil || version != first {
		t.Errorf("version = %d, %v, want %d", version, err, first)
	}
}

// TestMigrateWaitsWithoutHoldingUp: to build an index CONCURRENTLY, PostgreSQL
// waits until every statement that began before has ended, also one of a second
// process that waits for its turn to migrate, and for that very index.
func TestMigrateWaitsWithoutHoldingUp(t *testing.T) {
	t.Parallel()
	url := storagetest.Empty(t)
	steps(t, url, first)
	one := connect(t, url)
	if _, err := one.Exec(t.Context(), `SELECT pg_advisory_lock($1)`, storage.MigrateKey); err != nil {
		t.Fatal(err)
	}
	migrated := make(chan error, 1)
	go func() { migrated <- storage.Migrate(t.Context(), url) }()
	awaitRow(t, url, `SELECT EXISTS (
		SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%advisory_lock($1)%' AND pid <> $1)`,
		one.PgConn().PID())

	patient, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := connect(t, url).Exec(patient, `CREATE INDEX CONCURRENTLY ON hosts (name)`); err != nil {
		t.Errorf("an index while another process waits for its turn: %v", err)
	}
	if err := one.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-migrated; err != nil {
		t.Error(err)
	}
}

// steps has a database go through the first migrations, as an older program would.
func steps(t *testing.T, url string, to int64) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	older, err := goose.NewProvider(goose.DialectPostgres, db, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := older.UpTo(t.Context(), to); err != nil {
		t.Fatal(err)
	}
}

// readsLong is a transaction that has read a table and goes on.
func readsLong(t *testing.T, url string) pgx.Tx {
	t.Helper()
	tx, err := connect(t, url).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT FROM hosts`); err != nil {
		t.Fatal(err)
	}
	return tx
}

// awaitRow looks until a question is answered yes.
func awaitRow(t *testing.T, url, question string, args ...any) {
	t.Helper()
	conn := connect(t, url)
	for yes := false; !yes; time.Sleep(time.Millisecond) {
		if err := conn.QueryRow(t.Context(), question, args...).Scan(&yes); err != nil {
			t.Fatal(err)
		}
	}
}
