package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/storage"
)

const (
	markLasts     = 5 * time.Second
	leaseLasts    = 60 * time.Second
	leaseMargin   = 35 * time.Second // a post, its record and a margin
	ringAtOnce    = 2000
	unknownAtOnce = 128
	bodiesBytes   = 8 << 20
	settlesAtOnce = 4 // the connections are everybody's
)

// Options are what a Courier works with.
type Options struct {
	DB        *storage.DB
	Directory *actors.Directory
	Client    *federation.Client
	Hosts     *access.Hosts        // nil: every host is spoken to
	Now       func() time.Time     // nil: time.Now
	Log       *slog.Logger         // nil: slog.Default
	Poke      func()               // asks the engine to look at the lanes at once; nil: it looks by itself soon
	Counted   func(outcome string) // hears how each try ended; nil: nobody
}

// Courier delivers what was sent.
type Courier struct {
	db        *storage.DB
	directory *actors.Directory
	client    *federation.Client
	hosts     *access.Hosts
	now       func() time.Time
	log       *slog.Logger
	poke      func()
	counted   func(outcome string)

	bodies  *otter.Cache[int64, letter]
	settles chan struct{} // one for each transaction of settle at once
	takes   *storage.Combiner[laneName, lane]
	saves   *storage.Combiner[progress, progressed]
	gate    gate

	mu       sync.Mutex
	resting  map[int64]bool // hosts that may be woken, as of restedAt
	restedAt time.Time
}

// NewCourier makes a courier; give its Source to the engine.
func NewCourier(o Options) *Courier {
	c := &Courier{
		db: o.DB, directory: o.Directory, client: o.Client, hosts: o.Hosts,
		now: o.Now, log: o.Log, poke: o.Poke, counted: o.Counted,
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.log == nil {
		c.log = slog.Default()
	}
	if c.poke == nil {
		c.poke = func() {}
	}
	if c.counted == nil {
		c.counted = func(string) {}
	}
	c.bodies = otter.Must(&otter.Options[int64, letter]{
		MaximumWeight:    bodiesBytes,
		Weigher:          func(_ int64, l letter) uint32 { return uint32(l.size) + 512 },
		ExpiryCalculator: otter.ExpiryAccessing[int64, letter](10 * time.Minute),
	})
	c.settles = make(chan struct{}, settlesAtOnce)
	c.takes = storage.NewCombiner(128, c.takeLanes)
	c.saves = storage.NewCombiner(128, c.saveProgress)
	return c
}

// Source is how the engine rings and answers for lanes; its kind is "lane".
func (c *Courier) Source() jobs.Source {
	return jobs.Source{Kind: "lane", Due: c.due, Answer: c.answer}
}

// laneName names a lane: the rows of a host whose slot mod its lanes is number.
type laneName struct {
	Host   int64
	Number int16
}

func (l laneName) key() string {
	return strconv.FormatInt(l.Host, 10) + "/" + strconv.Itoa(int(l.Number))
}

func parseLane(key string) (laneName, error) {
	host, number, _ := strings.Cut(key, "/")
	h, err := strconv.ParseInt(host, 10, 64)
	if err != nil {
		return laneName{}, fmt.Errorf("read lane %q: %w", key, err)
	}
	n, err := strconv.ParseInt(number, 10, 16)
	if err != nil {
		return laneName{}, fmt.Errorf("read lane %q: %w", key, err)
	}
	return laneName{h, int16(n)}, nil
}

// due rings for the lanes that have something to do and nobody who does it.
// Hosts known to be quick have a queue of their own, so that no wait for the
// others takes their slots; those never met may share it, few at a time.
func (c *Courier) due(ctx context.Context, now time.Time) ([]jobs.Bell, error) {
	if paused, err := c.paused(ctx); paused || err != nil {
		return nil, err
	}
	waiting, err := waitingLanes(ctx, c.db, now, ringAtOnce)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	marked, err := c.mark(ctx, waiting, now)
	if err != nil {
		return nil, err
	}
	room := 0
	if hasUnknown(waiting) {
		n, err := countUnknown(ctx, c.db, now)
		if err != nil {
			return nil, err
		}
		room = unknownAtOnce - n
	}
	bells := make([]jobs.Bell, 0, len(marked))
	for _, w := range waiting {
		turn, ok := marked[w.laneName]
		if !ok {
			continue // another process was quicker
		}
		queue := jobs.DeliverSlow
		if w.Quick {
			queue = jobs.Deliver
		} else if w.Unknown && room > 0 {
			queue = jobs.Deliver
			room--
		}
		bells = append(bells, jobs.Bell{Queue: queue, Key: w.key(), Turn: strconv.FormatInt(turn, 10)})
	}
	return bells, nil
}

func hasUnknown(waiting []waitingLane) bool {
	for _, w := range waiting {
		if w.Unknown {
			return true
		}
	}
	return false
}

func (c *Courier) mark(ctx context.Context, waiting []waitingLane, now time.Time) (map[laneName]int64, error) {
	var marked map[laneName]int64
	err := c.db.WriteSoft(ctx, func(tx storage.Tx) (err error) {
		marked, err = markLanes(ctx, tx, waiting, now, now.Add(markLasts))
		return err
	})
	return marked, err
}
