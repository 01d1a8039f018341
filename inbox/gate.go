package inbox

import (
	"context"
	"sync/atomic"
	"time"
)

// gate slows senders down when applying falls behind, so that what was answered 202
// is never long in coming true. It knows what the drainers tell: no query is made here.
// While none tells (Redis is away, say) it stands open: what is kept is not lost.
type gate struct {
	limit time.Duration
	since atomic.Int64 // when the oldest that waits arrived, Unix nanoseconds; 0: none waits
	told  atomic.Int64 // when that was told
}

const stale = 5 * time.Second

// heard notes when the oldest that waits arrived; zero: nothing waits.
func (g *gate) heard(oldest, now time.Time) {
	g.told.Store(now.UnixNano())
	if oldest.IsZero() {
		g.since.Store(0)
		return
	}
	g.since.Store(oldest.UnixNano())
}

// lag is how far applying is behind.
func (g *gate) lag(now time.Time) time.Duration {
	since := g.since.Load()
	if since == 0 || now.Sub(time.Unix(0, g.told.Load())) > stale {
		return 0
	}
	return now.Sub(time.Unix(0, since))
}

// patience is how long the sender of one activity waits: nothing up to the limit,
// then more and more. Far beyond, it is asked to come back.
func (g *gate) patience(now time.Time) (wait time.Duration, come bool) {
	lag := g.lag(now)
	switch {
	case lag <= g.limit:
		return 0, true
	case lag > 10*g.limit:
		return 0, false
	}
	return min(lag-g.limit, g.limit) / 4, true
}

// pass waits as long as the lag asks; false: come back later.
func (g *gate) pass(ctx context.Context, now time.Time) bool {
	wait, come := g.patience(now)
	if !come {
		return false
	}
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return true
}
