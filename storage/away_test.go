package storage_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"passerelles/embedded"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// A PostgreSQL of this test's own is stopped under an open pool, started again,
// then frozen.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	storagetest.URL(t) // gives up, as the other tests, where there is no PostgreSQL
	dir := storagetest.Folder(t)
	services := startServices(t, dir)
	db, err := storage.Open(t.Context(), services.DatabaseURL, 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)

	// A transaction is under way while PostgreSQL stops.
	var one int
	err = db.Write(t.Context(), func(tx storage.Tx) error {
		if err := services.Stop(t.Context()); err != nil {
			t.Error(err)
		}
		return tx.QueryRow(t.Context(), "SELECT 1").Scan(&one)
	})
	wantAway(t, "a Write under way", err)

	t.Run("every way in says so", func(t *testing.T) {
		wantAway(t, "Write", db.Write(t.Context(), func(storage.Tx) error { return nil }))
		wantAway(t, "QueryRow", db.QueryRow(t.Context(), "SELECT 1").Scan(&one))
		_, err := db.Query(t.Context(), "SELECT 1")
		wantAway(t, "Query", err)
		_, err = db.Exec(t.Context(), "SELECT 1")
		wantAway(t, "Exec", err)
		_, _, err = db.TryLock(t.Context(), 1)
		wantAway(t, "TryLock", err)
		wantAway(t, "Ping", db.Ping(t.Context()))
		wantAway(t, "Migrate", storage.Migrate(t.Context(), services.DatabaseURL))
		_, err = storage.Open(t.Context(), services.DatabaseURL, 1)
		wantAway(t, "Open", err)
	})

	services = startServices(t, dir)
	if err := db.Write(t.Context(), func(tx storage.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT 1").Scan(&one)
	}); err != nil {
		t.Errorf("after PostgreSQL came back: %v", err)
	}

	db.SetPatience(3 * time.Second)
	pids := freeze(t, dir)
	defer thaw(pids)
	began := time.Now()
	var all sync.WaitGroup
	for range 20 { // more than there are connections: they must not pile up
		all.Go(func() { wantAway(t, "frozen", db.Ping(t.Context())) })
	}
	all.Wait()
	if took := time.Since(began); took > 15*time.Second {
		t.Errorf("a frozen PostgreSQL held us for %v, want some 5 s", took)
	}
	thaw(pids)
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("after the thaw: %v", err)
	}
}

func TestAway(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"none":              nil,
		"another error":     errors.New("other"),
		"the caller left":   context.Canceled,
		"the caller's time": context.DeadlineExceeded,
	} {
		if storage.Away(err) {
			t.Errorf("%s: away", name)
		}
	}
	for name, err := range map[string]error{
		"refused": &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"said so": fault.New(fault.Unavailable, "Later."),
	} {
		if !storage.Away(err) {
			t.Errorf("%s: not away", name)
		}
	}
}

func wantAway(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.Unavailable) || fault.After(err) != 10*time.Second || !storage.Away(err) {
		t.Errorf("%s: %v, want fault.Unavailable with 10 s", what, err)
	}
}

func startServices(t *testing.T, dir string) *embedded.Services {
	t.Helper()
	services, err := embedded.Start(t.Context(), dir, embedded.Options{From: embedded.Machine, Throwaway: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := services.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return services
}

// freeze stops all processes of the cluster in dir where they are.
func freeze(t *testing.T, dir string) []int {
	t.Helper()
	cluster, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if at, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd")); err == nil && at == cluster {
			pids = append(pids, pid)
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(pids) == 0 {
		t.Fatal("no PostgreSQL to freeze")
	}
	return pids
}

func thaw(pids []int) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGCONT) // some may have ended
	}
}

// Our sentence must not show the address, which may hold a password.
func TestAwayTellsNoSecret(t *testing.T) {
	t.Parallel()
	address := url.URL{Scheme: "postgres", User: url.UserPassword("me", "s3cret"), Host: "127.0.0.1:1", Path: "/x"}
	_, err := storage.Open(t.Context(), address.String(), 1)
	wantAway(t, "Open", err)
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error shows the password: %v", err)
	}
}
