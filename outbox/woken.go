package outbox

import (
	"context"
	"fmt"
	"time"
)

const restingFresh = 5 * time.Second // how long the list of resting hosts is believed

// Woken notes that a host (its number) showed itself alive. If it rests, its
// lanes wake at once, unless it asked us itself to wait. One that speaks but cannot be
// reached is woken more rarely each time, and what it failed stays counted.
func (c *Courier) Woken(ctx context.Context, host int64) error {
	now := c.now()
	rests, err := c.mayWake(ctx, host, now)
	if err != nil || !rests {
		return err
	}
	if err := wakeHost(ctx, c.db, host, now); err != nil {
		return fmt.Errorf("wake host %d: %w", host, err)
	}
	c.poke()
	return nil
}

// mayWake asks the database rarely: nearly every activity comes from a host
// that does not rest.
func (c *Courier) mayWake(ctx context.Context, host int64, now time.Time) (bool, error) {
	c.mu.Lock()
	stale := now.Sub(c.restedAt) >= restingFresh
	if stale {
		c.restedAt = now // one asks, the others believe the old list meanwhile
	}
	c.mu.Unlock()
	if stale {
		list, err := wakeable(ctx, c.db, now)
		if err != nil {
			return false, fmt.Errorf("list hosts that may be woken: %w", err)
		}
		c.mu.Lock()
		c.resting = make(map[int64]bool, len(list))
		for _, h := range list {
			c.resting[h] = true
		}
		c.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	rests := c.resting[host]
	delete(c.resting, host) // woken once, until it is listed again
	return rests, nil
}
