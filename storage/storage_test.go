package storage_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/fault"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	db := counters(t)

	t.Run("commits what the function did", func(t *testing.T) {
		if err := db.Write(t.Context(), add("a", 2)); err != nil {
			t.Fatal(err)
		}
		if got, want := value(t, db, "a"), 2; got != want {
			t.Errorf("a = %d, want %d", got, want)
		}
	})
	t.Run("and nothing when it returns an error, which it passes on", func(t *testing.T) {
		refusal := fault.New(fault.Forbidden, "No.")
		err := db.Write(t.Context(), func(tx storage.Tx) error {
			return errors.Join(add("a", 5)(tx), refusal)
		})
		if !errors.Is(err, refusal) || !fault.Is(err, fault.Forbidden) {
			t.Errorf("err = %v, want %v", err, refusal)
		}
		if got, want := value(t, db, "a"), 2; got != want {
			t.Errorf("a = %d, want %d", got, want)
		}
	})
	t.Run("nor when it panics", func(t *testing.T) {
		func() {
			defer func() { _ = recover() }() // the point of this test
			_ = db.Write(t.Context(), func(tx storage.Tx) error {
				if err := add("a", 5)(tx); err != nil {
					return err
				}
				panic("a mistake")
			})
		}()
		if got, want := value(t, db, "a"), 2; got != want {
			t.Errorf("a = %d, want %d", got, want)
		}
	})
	t.Run("nor when its context ends", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Write(ctx, func(tx storage.Tx) error {
			defer cancel()
			return add("a", 5)(tx)
		})
		if !errors.Is(err, context.Canceled) || storage.Away(err) {
			t.Errorf("err = %v, want the context's end", err)
		}
		if got, want := value(t, db, "a"), 2; got != want {
			t.Errorf("a = %d, want %d", got, want)
		}
	})
}

// Two transactions read the sum and write; serializable, one of them must start again.
func TestWriteRunsAgainAfterASerializationFailure(t *testing.T) {
	t.Parallel()
	db := counters(t)
	runs := 0
	err := db.Write(t.Context(), func(tx storage.Tx) error {
		runs++
		if _, err := tx.Exec(t.Context(), "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"); err != nil {
			return err
		}
		if err := copySum(tx, t, "mine"); err != nil {
			return err
		}
		if runs > 1 {
			return nil
		}
		return db.Write(t.Context(), func(other storage.Tx) error { // gets in between, and commits first
			if _, err := other.Exec(t.Context(), "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"); err != nil {
				return err
			}
			return copySum(other, t, "other")
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if runs != 2 {
		t.Errorf("runs = %d, want 2", runs)
	}
	if got, want := value(t, db, "mine"), 2; got != want { // the seed and the other's copy of it
		t.Errorf("mine = %d, want %d", got, want)
	}
}

func TestWriteGivesUpAfterThreeRuns(t *testing.T) {
	t.Parallel()
	db := counters(t)
	runs := 0
	err := db.Write(t.Context(), func(tx storage.Tx) error {
		runs++
		_, err := tx.Exec(t.Context(), "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40P01'; END $$")
		return err
	})
	if err == nil || runs != 3 {
		t.Errorf("runs = %d, err = %v, want 3 and the deadlock", runs, err)
	}
}

// A constraint that is checked at COMMIT makes COMMIT fail.
func TestWriteReportsAFailedCommit(t *testing.T) {
	t.Parallel()
	db := counters(t)
	if _, err := db.Exec(t.Context(), `
		ALTER TABLE counters
		ADD CONSTRAINT counters_once UNIQUE (value) DEFERRABLE INITIALLY DEFERRED`); err != nil {
		t.Fatal(err)
	}
	err := db.Write(t.Context(), func(tx storage.Tx) error {
		return errors.Join(add("x", 7)(tx), add("y", 7)(tx))
	})
	if err := storage.Conflict(err, "counters_once", "Twice the same."); !fault.Is(err, fault.Conflict) {
		t.Errorf("err = %v, want a conflict", err)
	}
	t.Run("also when the function hid its error", func(t *testing.T) {
		err := db.Write(t.Context(), func(tx storage.Tx) error {
			_, _ = tx.Exec(t.Context(), "SELECT 1/0") // ignored, which is the point
			return nil
		})
		if !errors.Is(err, pgx.ErrTxCommitRollback) {
			t.Errorf("err = %v, want %v", err, pgx.ErrTxCommitRollback)
		}
	})
}

func TestQueriesGiveTheirConnectionBack(t *testing.T) {
	t.Parallel()
	db, err := storage.Open(t.Context(), storagetest.URL(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	ctx := t.Context()
	for range 3 { // any leak stops the next one
		rows, _ := db.Query(ctx, "SELECT generate_series(1, 3)") // CollectRows returns Query's error
		if got, err := pgx.CollectRows(rows, pgx.RowTo[int]); err != nil || len(got) != 3 {
			t.Fatalf("rows = %v, %v", got, err)
		}
		var one int
		if err := db.QueryRow(ctx, "SELECT 1 WHERE false").Scan(&one); !errors.Is(err, pgx.ErrNoRows) {
			t.Fatalf("no row: %v", err)
		}
		if err := db.QueryRow(ctx, "SELECT 'text'").Scan(&one); err == nil {
			t.Fatal("text was read as a number")
		}
		if err := db.QueryRow(ctx, "SELECT 1/0").Scan(&one); err == nil {
			t.Fatal("1/0 has a value")
		}
		if _, err := db.Exec(ctx, "nonsense"); err == nil || storage.Away(err) {
			t.Fatalf("nonsense: %v", err)
		}
		var batch pgx.Batch
		batch.Queue("SELECT 1").QueryRow(func(row pgx.Row) error { return row.Scan(&one) })
		if err := db.SendBatch(ctx, &batch).Close(); err != nil || one != 1 {
			t.Fatalf("batch: %d, %v", one, err)
		}
		rows, err := db.Query(ctx, "SELECT generate_series(1, 3)")
		if err != nil {
			t.Fatal(err)
		}
		rows.Close() // unread
	}
}

func TestTimesAreUTC(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	var at time.Time
	var zone string
	if err := db.QueryRow(t.Context(), "SELECT 'epoch'::timestamptz, current_setting('timezone')").Scan(&at, &zone); err != nil {
		t.Fatal(err)
	}
	if at.Location() != time.UTC || zone != "UTC" {
		t.Errorf("zones = %v and %s, want UTC", at.Location(), zone)
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	if err := storage.NotFound(fmt.Errorf("look: %w", pgx.ErrNoRows), "Nobody."); !fault.Is(err, fault.NotFound) || fault.Message(err) != "Nobody." {
		t.Errorf("no rows: %v", err)
	}
	if err := storage.NotFound(nil, "Nobody."); err != nil {
		t.Errorf("found: %v", err)
	}
	other := errors.New("other")
	if err := storage.NotFound(other, "Nobody."); err != other {
		t.Errorf("other: %v", err)
	}
}

func TestConflict(t *testing.T) {
	t.Parallel()
	db := counters(t)
	_, err := db.Exec(t.Context(), "INSERT INTO counters VALUES ('seed', 1)")
	if got := storage.Conflict(err, "counters_pkey", "Taken."); !fault.Is(got, fault.Conflict) {
		t.Errorf("its constraint: %v", got)
	}
	if got := storage.Conflict(err, "another", "Taken."); got != err || fault.Is(got, fault.Conflict) {
		t.Errorf("another constraint: %v", got)
	}
	if got := storage.Conflict(nil, "counters_pkey", "Taken."); got != nil {
		t.Errorf("no error: %v", got)
	}
}

func TestTryLock(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	const key = 42
	unlock, ok, err := db.TryLock(t.Context(), key)
	if err != nil || !ok {
		t.Fatalf("first: %v, %v", ok, err)
	}
	if _, ok, err := db.TryLock(t.Context(), key); err != nil || ok {
		t.Fatalf("while held: %v, %v", ok, err)
	}
	unlock()
	for range 100 { // free at once, each time
		unlock, ok, err := db.TryLock(t.Context(), key)
		if err != nil || !ok {
			t.Fatalf("after unlock: %v, %v", ok, err)
		}
		unlock()
	}
}

// counters gives a database with a table of counters.
func counters(t *testing.T) *storage.DB {
	t.Helper()
	db := storagetest.New(t)
	if _, err := db.Exec(t.Context(), "CREATE TABLE counters (name text PRIMARY KEY, value int NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), add("seed", 1)); err != nil {
		t.Fatal(err)
	}
	return db
}

func add(name string, value int) func(storage.Tx) error {
	return func(tx storage.Tx) error {
		_, err := tx.Exec(context.Background(), `
			INSERT INTO counters (name, value)
			VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value`, name, value)
		return err
	}
}

func copySum(tx storage.Tx, t *testing.T, name string) error {
	t.Helper()
	var sum int
	if err := tx.QueryRow(t.Context(), "SELECT sum(value) FROM counters").Scan(&sum); err != nil {
		return err
	}
	return add(name, sum)(tx)
}

func value(t *testing.T, db *storage.DB, name string) int {
	t.Helper()
	var got int
	if err := db.QueryRow(t.Context(), "SELECT value FROM counters WHERE name = $1", name).Scan(&got); err != nil {
		t.Fatal(err)
	}
	return got
}
