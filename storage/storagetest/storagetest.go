// Package storagetest gives each test a PostgreSQL database of its own.
//
// All test processes of `go test ./...` share one private cluster, which ends by
// itself; a database is a copy of a template that is named by the migrations'
// hash. With DATABASE_URL set, that server is used instead.
package storagetest

import (
	"testing"

	"passerelles/storage"
)

// New gives an open, migrated, empty database, closed and dropped at the test's end.
func New(t testing.TB) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), URL(t), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// URL gives the address of a migrated, empty database, dropped at the test's end.
func URL(t testing.TB) string {
	t.Helper()
	panic("unfinished")
}

// Redis gives the address of an empty Redis database that is this test's alone.
func Redis(t testing.TB) string {
	t.Helper()
	panic("unfinished")
}
