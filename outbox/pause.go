package outbox

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"passerelles/acts"
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
func Hold(ctx context.Context, tx storage.Tx, by acts.By, reason string, now time.Time) error {
	made, err := insertPause(ctx, tx, reason, now)
	if err != nil {
		return fmt.Errorf("pause deliveries: %w", err)
	}
	if !made {
		return nil
	}
	return acts.Record(ctx, tx, acts.Act{At: now, Kind: acts.Pause, By: by, Words: reason})
}

// HoldRestored gives the statement that pauses a database that is being
// restored, in the same transaction, so that no server ever sees it without.
// All that it holds counts as there when the pause began.
func HoldRestored(now time.Time) string { return pauseRestored(now, "restored from a backup") }

// Resume lets deliveries go on. To drop gives up before, as dead letters, what
// waited when the pause began: dropped says how many, also where an error stopped it.
func Resume(ctx context.Context, db *storage.DB, by acts.By, drop bool, now time.Time) (dropped int64, err error) {
	p, paused, err := Paused(ctx, db)
	if err != nil {
		return 0, err
	}
	if !paused {
		return 0, fault.New(fault.Conflict, "Deliveries are not paused.")
	}
	for more := drop; more; {
		var n int64
		err := db.Write(ctx, func(tx storage.Tx) (err error) { // a share of them each time
			n, err = bury(ctx, tx, rowsUpTo, delivery{Activity: p.LastActivity}, "given up at the end of a pause: "+p.Reason, now)
			return err
		})
		if err != nil {
			return dropped, err
		}
		more, dropped = n > 0, dropped+n
	}
	return dropped, db.Write(ctx, func(tx storage.Tx) error {
		if err := deletePause(ctx, tx); err != nil {
			return err
		}
		a := acts.Act{At: now, Kind: acts.Resume, By: by}
		if drop {
			a.Words = "drop: " + strconv.FormatInt(dropped, 10)
		}
		return acts.Record(ctx, tx, a)
	})
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
