package storage_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
	"passerelles/storage/storagetest"
)

func TestInBatches(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	run := func(sql string) {
		t.Helper()
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TABLE leaves (n int, statement xid DEFAULT pg_current_xact_id()::xid)`)
	run(`INSERT INTO leaves SELECT generate_series(1, 23)`)
	run(`CREATE TABLE fallen (n int, statement xid DEFAULT pg_current_xact_id()::xid)`)
	touched, err := storage.InBatchesOf(t.Context(), db, 5, `
		WITH gone AS (DELETE FROM leaves WHERE n IN (SELECT n FROM leaves WHERE n <= @last LIMIT @most) RETURNING n)
		INSERT INTO fallen (n) SELECT n FROM gone`, pgx.NamedArgs{"last": 20})
	if err != nil || touched != 20 {
		t.Errorf("touched %d, %v; want 20", touched, err)
	}
	var left, most int
	if err := db.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM leaves), (SELECT max(n) FROM (SELECT count(*) AS n FROM fallen GROUP BY statement::text) AS s)`).
		Scan(&left, &most); err != nil {
		t.Fatal(err)
	}
	if left != 3 || most != 5 {
		t.Errorf("%d left and %d in one statement, want 3 and 5", left, most)
	}
}

// A later program may say from which one on others may use its schema.
func TestSuits(t *testing.T) {
	t.Parallel()
	url := storagetest.URL(t)
	conn := connect(t, url)
	for oldest, want := range map[int64]bool{0: true, storage.Latest(): true, storage.Latest() + 1: false} {
		if _, err := conn.Exec(t.Context(), `UPDATE oldest_program SET migration = $1`, oldest); err != nil {
			t.Fatal(err)
		}
		if err := storage.Migrate(t.Context(), url); (err == nil) != want {
			t.Errorf("with %d: %v, want it taken: %v", oldest, err, want)
		}
	}
}
