package outbox

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"passerelles/storage"
)

// backendTime is what the PostgreSQL process behind a transaction has used, 0
// where the system does not tell.
func backendTime(t testing.TB, tx storage.Tx) (used time.Duration) {
	t.Helper()
	var pid int
	if err := tx.QueryRow(context.Background(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err == nil {
		_, err = fmt.Sscan(string(stat), (*int64)(&used))
	}
	if err != nil {
		t.Log("no measure of PostgreSQL: ", err)
	}
	return used
}

func usage(t testing.TB) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
