// Package storagetest gives each test a PostgreSQL database of its own, and a
// Redis database.
//
// All test processes of `go test ./...` share one private cluster, kept by a
// process of its own that ends when nobody has used it for a while (keeper.go).
// A test's database is a copy of a template that is named by the migrations'
// hash (template.go). With DATABASE_URL set, that server is used instead.
package storagetest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// timeout is for one database to be made or dropped on a busy machine.
const timeout = time.Minute

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
	return copyOf(t, template())
}

// Empty gives the address of a database without any table, dropped at the test's end.
func Empty(t testing.TB) string {
	t.Helper()
	return copyOf(t, "template0")
}

func copyOf(t testing.TB, template string) string {
	t.Helper()
	server := reach(t)
	name := "test_" + strings.ToLower(rand.Text()[:16])
	if err := exec(t.Context(), server, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout) // the test's own has ended
		defer cancel()
		if err := exec(ctx, server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the database: %v", err)
		}
	})
	return databaseURL(server, name)
}

// server finds PostgreSQL once for all tests of this process.
var server = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute) // it may be installed first
	defer cancel()
	address := os.Getenv("DATABASE_URL")
	if address == "" {
		shared, user, err := join(ctx, place())
		if err != nil {
			return "", err
		}
		address, memberships = shared, append(memberships, user)
	}
	if u, err := url.Parse(address); err != nil || u.Scheme == "" {
		return "", fmt.Errorf("DATABASE_URL should read postgres://…")
	}
	if err := makeTemplate(ctx, address); err != nil {
		return "", fmt.Errorf("%w: %w", errSchema, err)
	}
	return address, nil
})

// errSchema is the one reason for having no database that is our own mistake.
var errSchema = errors.New("make the tests' template")

// memberships say that this process uses the cluster; its end closes them.
var memberships []*os.File

// reach gives the server's address. A machine without one skips the test,
// except in continuous integration.
func reach(t testing.TB) string {
	t.Helper()
	address, err := server()
	switch {
	case errors.Is(err, errSchema):
		t.Fatal(err)
	case err != nil:
		GiveUp(t, err)
	}
	return address
}

// GiveUp skips a test for lack of what it needs; in continuous integration that is a failure.
func GiveUp(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(strings.ReplaceAll(err.Error(), "\n", "; "))
}

// exec runs one statement on the server, outside any test's database.
func exec(ctx context.Context, server, sql string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func databaseURL(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // server checked it
	}
	u.Path = "/" + name
	return u.String()
}
