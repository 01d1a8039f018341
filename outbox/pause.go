package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"passerelles/fault"
	"passerelles/storage"
)

// pauseFresh is how long a process believes what it read of the pause.
const pauseFresh = time.Second

// Pause tells why nothing is sent.
type Pause struct {
	Since        time.Time
	Reason       string
	LastActivity int64 // of those that were there when it began
}

// Paused gives the pause of deliveries; ok says whether there is one.
func Paused(ctx context.Context, q storage.Querier) (p Pause, ok bool, err error) {
	p, err = pauseOf(ctx, q)
	if fault.Is(err, fault.NotFound) {
		return Pause{}, false, nil
	}
	if err != nil {
		return Pause{}, false, fmt.Errorf("read the pause: %w", err)
	}
	return p, true, nil
}

// Hold keeps all deliveries back, in every process, until Resume; what is sent
// meanwhile waits. A pause that is there already stays as it is.
func Hold(ctx context.Context, tx storage.Tx, reason string, now time.Time) error {
	if err := insertPause(ctx, tx, reason, now); err != nil {
		return fmt.Errorf("pause deliveries: %w", err)
	}
	return nil
}

// HoldRestored gives the statement that pauses a database that is being
// restored, in the same transaction, so that no server ever sees it without.
// All that it holds counts as there when the pause began.
func HoldRestored(now time.Time) string { return pauseRestored(now, "restored from a backup") }

// Resume lets deliveries go on; it says whether they were paused.
func Resume(ctx context.Context, tx storage.Tx) (bool, error) {
	ended, err := deletePause(ctx, tx)
	if err != nil {
		return false, fmt.Errorf("resume deliveries: %w", err)
	}
	return ended, nil
}

// DropPaused gives up a share of what waited when the pause began: it becomes
// dead letters. It is called, a transaction each, until it says 0.
func DropPaused(ctx context.Context, tx storage.Tx, p Pause, now time.Time) (int64, error) {
	return bury(ctx, tx, rowsUpTo, delivery{Activity: p.LastActivity}, "given up at the end of a pause: "+p.Reason, now)
}

// gate remembers for a moment whether deliveries are paused.
type gate struct {
	mu    sync.Mutex
	known bool
	shut  bool
	read  time.Time
}

// paused says whether deliveries are paused. It asks the database once a second
// at most, for all lanes of this process; while the database is away it says
// what it knew last, and nothing is sent before it knows.
func (c *Courier) paused(ctx context.Context) (bool, error) {
	now, g := c.now(), &c.gate
	g.mu.Lock()
	known, shut := g.known, g.shut
	fresh := known && now.Sub(g.read).Abs() < pauseFresh
	if !fresh {
		g.read = now // one asks, the others believe the old answer meanwhile
	}
	g.mu.Unlock()
	if fresh {
		return shut, nil
	}
	_, paused, err := Paused(ctx, c.db)
	if err != nil {
		if known {
			return shut, nil
		}
		return true, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known, g.shut = true, paused
	return paused, nil
}
