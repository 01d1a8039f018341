package storage_test

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// migrateURL makes this test binary a program that migrates one database.
const migrateURL = "STORAGE_TEST_MIGRATE"

func TestMain(m *testing.M) {
	if url := os.Getenv(migrateURL); url != "" {
		if err := storage.Migrate(context.Background(), url); err != nil {
			panic(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Several processes of a server start at once on a new database, each with
// several goroutines for good measure.
func TestMigrateTogether(t *testing.T) {
	t.Parallel()
	url := storagetest.Empty(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), migrateURL+"="+url)
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("another process: %v: %s", err, said)
			}
		})
		all.Go(func() {
			if err := storage.Migrate(t.Context(), url); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	conn := connect(t, url)
	var rows, versions int
	if err := conn.QueryRow(t.Context(), "SELECT count(*), count(DISTINCT version_id) FROM goose_db_version").Scan(&rows, &versions); err != nil {
		t.Fatal(err)
	}
	if rows != versions || rows < 2 {
		t.Errorf("%d migrations recorded, %d of them different", rows, versions)
	}
	if version, err := storage.Version(t.Context(), conn); err != nil || version != storage.Latest() {
		t.Errorf("version = %d, %v, want %d", version, err, storage.Latest())
	}
}

func TestMigrateWithNothingToDo(t *testing.T) {
	t.Parallel()
	url := storagetest.URL(t)
	best := time.Hour
	for range 10 { // the best of ten: other tests run beside
		began := time.Now()
		if err := storage.Migrate(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(began))
	}
	t.Logf("%v", best)
	if best > 50*time.Millisecond {
		t.Errorf("took %v, want less than 50 ms", best)
	}
}

func TestMigrateLeavesANewerSchemaAlone(t *testing.T) {
	t.Parallel()
	url := storagetest.URL(t)
	conn := connect(t, url)
	if _, err := conn.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
		t.Fatal(err)
	}
	if err := storage.Migrate(t.Context(), url); err != nil {
		t.Error(err)
	}
}

func TestVersionOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	if version, err := storage.Version(t.Context(), connect(t, storagetest.Empty(t))); err != nil || version != 0 {
		t.Errorf("version = %d, %v, want 0", version, err)
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) }) // the database goes too
	return conn
}
