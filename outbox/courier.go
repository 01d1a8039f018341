package outbox

import (
	"context"
	"log/slog"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/storage"
)

// Options are what a Courier works with.
type Options struct {
	DB        *storage.DB
	Directory *actors.Directory
	Client    *federation.Client
	Hosts     *access.Hosts    // nil: every host is spoken to
	Now       func() time.Time // nil: time.Now
	Log       *slog.Logger     // nil: slog.Default
	Poke      func()           // asks the engine to look at the lanes at once; nil: it looks by itself soon
	Unknown   int              // lanes at once of hosts that never answered, in the quick queue; 0: 128
}

// Courier delivers what was sent.
type Courier struct {
	Options
}

// NewCourier makes a courier; give its Source to the engine.
func NewCourier(o Options) *Courier { return &Courier{Options: o} }

// Source is how the engine rings and answers for lanes; its kind is "lane".
func (c *Courier) Source() jobs.Source {
	return jobs.Source{Kind: "lane", Due: c.due, Answer: c.drain}
}

// Woken notes that a host showed itself alive: if it rests, its lanes wake at
// once, unless it asked us itself to wait.
func (c *Courier) Woken(ctx context.Context, host int64) error { return nil }

func (c *Courier) due(ctx context.Context, now time.Time) ([]jobs.Bell, error) { return nil, nil }
func (c *Courier) drain(ctx context.Context, key string) error               { return nil }
