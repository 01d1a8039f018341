package web

import (
	"context"
	"sync"
	"time"

	"passerelles/actors"
	"passerelles/fault"
)

const (
	lookFor     = 10 * time.Second // for other servers to answer, while somebody waits
	mostLookups = 30               // by one member
	lookupsIn   = 10 * time.Minute
)

// lookups counts what members have us ask of other servers, in this process alone: the
// memory of several is not shared, and a restart forgets.
type lookups struct {
	mu    sync.Mutex
	since time.Time
	count map[actors.ID]int
}

// take counts one more, or says when to come back.
func (l *lookups) take(who actors.ID, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.since) >= lookupsIn || l.count == nil {
		l.since, l.count = now, map[actors.ID]int{}
	}
	if l.count[who] >= mostLookups {
		return fault.Later(fault.TooMany, "You have looked for much on other servers: come back in a few minutes.",
			lookupsIn-now.Sub(l.since))
	}
	l.count[who]++
	return nil
}

// findAway asks who is called so, here or on another server, on behalf of a member.
func (h *Handler) findAway(v *visit, who string) (actors.Actor, error) {
	if err := h.asked.take(v.member.ID, h.Now()); err != nil {
		return actors.Actor{}, err
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), lookFor)
	defer cancel()
	a, err := h.Directory.Find(ctx, who)
	if err == nil && a.Kind == actors.Application {
		err = fault.New(fault.Invalid, "This cannot be followed.")
	}
	return h.unlessHidden(v, a, tooLong(ctx, err))
}

// tooLong says of other servers what ended for want of time.
func tooLong(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		return fault.Wrap(fault.Unavailable, "The other server takes too long to answer.", err)
	}
	return err
}
