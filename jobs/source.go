package jobs

import (
	"context"
	"time"
)

// The queues, each with slots of its own, so that slow work never takes the
// place of quick work.
const (
	Inbox       = "inbox"
	InboxSlow   = "inbox_slow"
	Deliver     = "deliver"
	DeliverSlow = "deliver_slow"
	Low         = "low"
)

// Bell says that something waits: Key names it for its Source.
type Bell struct {
	Queue string
	Key   string
	// Turn, unless empty, makes one bell of all that are rung with the same Key
	// and Turn while the first still waits in its queue. It must change each time
	// that the thing is taken in hand, say the number of its lease.
	Turn string
}

// Source is a kind of work whose rows lie in a table of its owner.
type Source struct {
	Kind string
	// Due picks what is due and marks it rung for some seconds, so that no other
	// process rings it meanwhile.
	Due func(ctx context.Context, now time.Time) ([]Bell, error)
	// Answer does the work. Its error is logged and nothing else: what comes of
	// the work is written in the owner's table. When ctx ends it finishes soon.
	Answer func(ctx context.Context, key string) error
}
