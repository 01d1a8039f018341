package outbox

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

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
	return processTime(t, pid)
}

func processTime(t testing.TB, pid int) (used time.Duration) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
	if err == nil {
		_, err = fmt.Sscan(string(stat), (*int64)(&used))
	}
	if err != nil {
		t.Log("no measure of PostgreSQL: ", err)
	}
	return used
}

// backendsTime is what all processes behind our connections have used.
func backendsTime(t testing.TB, db *storage.DB) (used time.Duration) {
	t.Helper()
	rows, _ := db.Query(context.Background(), `
		SELECT pid FROM pg_stat_activity
		WHERE datname = current_database()`) // CollectRows returns Query's error
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		used += processTime(t, pid)
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
