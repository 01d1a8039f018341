package storage_test

import (
	"bytes"
	"io"
	"testing"

	"passerelles/embedded"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// TestRestoreIsAllOrNothing has a restoration end too early, in the script and
// after it.
func TestRestoreIsAllOrNothing(t *testing.T) {
	t.Parallel()
	find := func(major int) (string, error) { return embedded.Clients(t.Context(), t.TempDir(), major) }
	var dump bytes.Buffer
	look := func(q storage.Querier) error { return nil }
	if err := storage.Dump(t.Context(), storagetest.URL(t), find, look, &dump); err != nil {
		t.Fatal(err)
	}
	empty := storagetest.Empty(t)
	restore := func(from io.Reader, then string) error {
		return storage.Restore(t.Context(), empty, find, from, then)
	}
	tables := func() (n int) {
		row := connect(t, empty).QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
		if err := row.Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for name, try := range map[string]func() error{
		"a dump cut short":       func() error { return restore(bytes.NewReader(dump.Bytes()[:dump.Len()*9/10]), "SELECT 1") },
		"a statement that fails": func() error { return restore(bytes.NewReader(dump.Bytes()), "SELECT 1 / 0") },
	} {
		if err := try(); err == nil || tables() != 0 {
			t.Errorf("%s: err = %v, %d tables; want an error and none", name, err, tables())
		} else {
			t.Log(err)
		}
	}
	if err := restore(bytes.NewReader(dump.Bytes()), "SELECT count(*) FROM deliveries"); err != nil || tables() == 0 {
		t.Errorf("the whole dump: %v, %d tables", err, tables())
	}
}
