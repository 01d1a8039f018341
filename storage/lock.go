package storage

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// TryLock takes the advisory lock of this key if nobody has it, for work that
// one process does for all. The lock lives on a connection of its own, outside
// the pool's count, and ends with unlock, with the process, or with PostgreSQL:
// work that must not overlap even then needs its own guard in its transaction.
func (db *DB) TryLock(ctx context.Context, key int64) (unlock func(), ok bool, err error) {
	c, err := db.acquire(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := c.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&ok); err != nil || !ok {
		c.release()
		return func() {}, false, translate(err)
	}
	if !c.hung.Stop() {
		c.release()
		return func() {}, false, translate(errSlow)
	}
	conn := c.Hijack()
	return func() { unlockNow(conn, key) }, true, nil
}

// unlockNow frees the lock before it returns: a goodbye alone is read by the server
// when it comes to it.
func unlockNow(conn *pgx.Conn, key int64) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	_, _ = conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", key) // the goodbye frees it too
	_ = conn.Close(ctx)
}

// closeSoon says goodbye, which frees the lock; the server also frees it when
// the connection breaks.
func closeSoon(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	_ = conn.Close(ctx)
}

// lockWaiting waits for the advisory lock of this key on this connection. It asks again
// and again: one statement that waited would be waited for by an index that is built
// CONCURRENTLY, maybe by the lock's holder.
func lockWaiting(ctx context.Context, conn *pgx.Conn, key int64) error {
	for {
		var ok bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", key).Scan(&ok); err != nil || ok {
			return err
		}
		if err := pause(ctx, lockLook); err != nil {
			return err
		}
	}
}

const lockLook = 50 * time.Millisecond

// pause waits for d unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
