package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"passerelles/storage"
)

// Options say what an engine works with.
type Options struct {
	DB       *storage.DB
	RedisURL string
	Queues   map[string]int // slots of each queue; those not named keep their default
	Now      func() time.Time
	Log      *slog.Logger
}

// defaultSlots: a slot of deliver waits for the wire most of its time.
var defaultSlots = map[string]int{Deliver: 256, DeliverSlow: 32, Inbox: 16, InboxSlow: 32, Low: 8}

// Engine rings for what is due and answers the bells.
type Engine struct {
	db       *storage.DB
	slots    map[string]int
	now      func() time.Time
	log      *slog.Logger
	redis    redis.UniversalClient
	client   *asynq.Client
	sources  map[string]*source
	handlers map[string]func(context.Context, Job) error
	solitude Solitude

	away     atomic.Bool // Redis does not answer
	rung     atomic.Int64
	answered atomic.Int64
	busy     atomic.Int64
}

// source is a Source and the channel that pokes its relay.
type source struct {
	Source
	poke chan struct{}
}

// New makes an engine. Redis need not be there yet.
func New(o Options) (*Engine, error) {
	client, err := connect(o.RedisURL)
	if err != nil {
		return nil, fmt.Errorf("read the address of Redis: %w", err)
	}
	e := &Engine{
		db: o.DB, now: o.Now, log: o.Log, slots: map[string]int{},
		redis: client, client: asynq.NewClientFromRedisClient(client),
		sources: map[string]*source{}, handlers: map[string]func(context.Context, Job) error{},
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.log == nil {
		e.log = slog.Default()
	}
	for queue, slots := range defaultSlots {
		e.slots[queue] = slots
		if chosen := o.Queues[queue]; chosen > 0 {
			e.slots[queue] = chosen
		}
	}
	e.Add(Source{Kind: "job", Due: e.dueJobs, Answer: e.answerJob})
	return e, nil
}

// Add gives the engine a source of work, before it runs.
func (e *Engine) Add(s Source) {
	e.sources[s.Kind] = &source{Source: s, poke: make(chan struct{}, 1)}
}

// Poke asks at once, not at the next look, what is due of a kind. It never
// waits. What was put in jobs is of kind "job".
func (e *Engine) Poke(kind string) {
	s := e.sources[kind]
	if s == nil {
		return
	}
	select {
	case s.poke <- struct{}{}:
	default: // somebody poked already
	}
}

// Ping says whether Redis answers.
func (e *Engine) Ping(ctx context.Context) error {
	if err := e.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ask Redis: %w", err)
	}
	return nil
}

// Ping says whether the Redis at an address answers.
func Ping(ctx context.Context, address string) error {
	client, err := connect(address)
	if err != nil {
		return fmt.Errorf("read the address of Redis: %w", err)
	}
	defer client.Close()
	return (&Engine{redis: client}).Ping(ctx)
}

// Run rings and answers until ctx ends, then lets work in hand finish, 25 s at most.
func (e *Engine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { e.relay(ctx) })
	wg.Go(func() { e.answerBells(ctx) })
	wg.Wait()
	return e.close()
}

// RunRelay rings and leaves it to other processes to answer.
func (e *Engine) RunRelay(ctx context.Context) error {
	e.relay(ctx)
	return e.close()
}

func (e *Engine) close() error {
	if err := e.redis.Close(); err != nil {
		return fmt.Errorf("leave Redis: %w", err)
	}
	return nil
}
