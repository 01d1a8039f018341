package storagetest

import (
	"context"
	"errors"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"passerelles/storage"
)

func TestNew(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("gives a migrated database", func(t *testing.T) {
		db := New(t)
		if version, err := storage.Version(t.Context(), db); err != nil || version != storage.Latest() {
			t.Errorf("version = %d, %v, want %d", version, err, storage.Latest())
		}
		if err := db.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("and drops it at the end", func(t *testing.T) {
		var left int
		if err := New(t).QueryRow(t.Context(), "SELECT count(*) FROM pg_database WHERE datname = $1", name).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if name == "" || left != 0 {
			t.Errorf("%q is there %d times after its test", name, left)
		}
	})
}

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	one, other := New(t), New(t)
	if _, err := one.Exec(t.Context(), "CREATE TABLE mine (id int)"); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Exec(t.Context(), "SELECT id FROM mine"); err == nil {
		t.Error("a test sees another test's table")
	}
}

func TestRedisIsApart(t *testing.T) {
	t.Parallel()
	one, other := client(t, Redis(t)), client(t, Redis(t))
	for _, c := range []redis.UniversalClient{one, other} {
		if err := c.Set(t.Context(), "key", "value", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.FlushDB(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	if got, err := other.Get(t.Context(), "key").Result(); err != nil || got != "value" {
		t.Errorf("after another test's flush: %q, %v", got, err)
	}
}

func client(t *testing.T, address string) redis.UniversalClient {
	t.Helper()
	option, err := asynq.ParseRedisURI(address)
	if err != nil {
		t.Fatal(err)
	}
	c := option.MakeRedisClient().(redis.UniversalClient)
	t.Cleanup(func() { _ = c.Close() }) // nothing is written any more
	return c
}

// The keeper ends by itself when its users have, and takes the cluster along;
// users who come together share one. This test's binary is the keeper's too.
func TestKeeper(t *testing.T) {
	t.Parallel()
	reach(t) // what lacks is installed, or this test gives up as the others
	folder := Folder(t)
	user, err := lock(filepath.Join(folder, usersFile), syscall.LOCK_SH)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := lock(filepath.Join(folder, keeperFile), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		t.Fatal(err)
	}
	cmd := keeper(t, folder, kept)
	address := eventually(t, func() (string, bool) {
		text, err := os.ReadFile(filepath.Join(folder, urlFile))
		return string(text), err == nil && answers(t.Context(), string(text))
	})

	// A user that comes now takes what is there.
	if got, err := joinElsewhere(t.Context(), folder); err != nil || got != address {
		t.Errorf("join = %q, %v, want %q", got, err, address)
	}
	if err := user.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil { // the test's time limit is this one's
		t.Errorf("the keeper ended with %v", err)
	}
	if answers(t.Context(), address) {
		t.Error("the cluster outlives its keeper")
	}
}

func TestKeeperKilled(t *testing.T) {
	t.Parallel()
	reach(t)
	folder := Folder(t)
	kept, err := lock(filepath.Join(folder, keeperFile), syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		t.Fatal(err)
	}
	cmd := keeper(t, folder, kept)
	address := eventually(t, func() (string, bool) {
		text, err := os.ReadFile(filepath.Join(folder, urlFile))
		return string(text), err == nil && answers(t.Context(), string(text))
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() (string, bool) { return "", !answers(t.Context(), address) })
}

func TestTemplateIsMadeOnce(t *testing.T) {
	t.Parallel()
	server := reach(t)
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() { errs[i] = makeTemplate(t.Context(), server) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func TestOursRefusesAnotherPersonsFolder(t *testing.T) {
	t.Parallel()
	if err := ours("/proc/1"); os.Geteuid() != 0 && err == nil {
		t.Error("a folder of root's passes for ours")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ours(file); err == nil || !strings.Contains(err.Error(), "belongs to somebody else") {
		t.Errorf("ours of a file = %v", err)
	}
}

// keeper runs this binary as a keeper that ends a moment after its last user.
func keeper(t *testing.T, folder string, kept *os.File) *osexec.Cmd {
	t.Helper()
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), keeperFolder+"="+folder, keeperIdle+"=100ms")
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = os.Stdout, os.Stderr, []*os.File{kept}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended in the good case
		_ = cmd.Wait()         // the same
	})
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// joinElsewhere joins without giving up this process's own membership.
func joinElsewhere(ctx context.Context, folder string) (string, error) {
	address, user, err := join(ctx, folder)
	if err != nil {
		return "", err
	}
	return address, user.Close()
}

func eventually(t *testing.T, holds func() (string, bool)) string {
	t.Helper()
	for range 3000 {
		if value, ok := holds(); ok {
			return value
		}
		select {
		case <-t.Context().Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("waited in vain")
	return ""
}
