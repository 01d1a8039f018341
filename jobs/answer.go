package jobs

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

// grace is how long work in hand may go on after the end.
const grace = 25 * time.Second

// processMark keeps the bells of two processes apart.
var processMark = rand.Text()

// intervals: asynq has no way to wait for a task, it asks again and again. Work
// that is slow anyway is asked for less often.
var intervals = map[string]time.Duration{
	Deliver: 50 * time.Millisecond, Inbox: 50 * time.Millisecond,
	DeliverSlow: 200 * time.Millisecond, InboxSlow: 100 * time.Millisecond, Low: 200 * time.Millisecond,
}

// answerBells runs one server per queue, since asynq shares the slots of a
// server among its queues.
func (e *Engine) answerBells(ctx context.Context) {
	for e.Ping(ctx) != nil { // asynq refuses to start without Redis
		if !sleep(ctx, patience) {
			return
		}
	}
	handler := e.handler(ctx)
	var wg sync.WaitGroup
	for queue := range e.slots {
		wg.Go(func() { e.serve(ctx, queue, handler) })
	}
	wg.Wait()
}

func (e *Engine) serve(ctx context.Context, queue string, handler asynq.Handler) {
	for {
		server := asynq.NewServerFromRedisClient(e.redis, e.config(queue))
		err := server.Start(handler)
		if err == nil {
			<-ctx.Done()
			server.Stop()
			server.Shutdown()
			return
		}
		e.log.Warn("a queue cannot be served yet", "queue", queue, "error", err)
		if !sleep(ctx, patience) {
			return
		}
	}
}

func (e *Engine) config(queue string) asynq.Config {
	return asynq.Config{
		Concurrency:              e.slots[queue],
		Queues:                   map[string]int{queue: 1},
		TaskCheckInterval:        intervals[queue],
		DelayedTaskCheckInterval: 5 * time.Second, // nothing of ours is delayed or retried by asynq
		JanitorInterval:          time.Hour,
		ShutdownTimeout:          grace,
		RetryDelayFunc:           func(int, error, *asynq.Task) time.Duration { return time.Second },
		Logger:                   quiet{e.log},
		LogLevel:                 asynq.InfoLevel,
	}
}

// handler answers each bell. It gives the engine's context to the work and not
// asynq's, which ends when Redis is away for half a minute.
func (e *Engine) handler(ctx context.Context) asynq.Handler {
	return asynq.HandlerFunc(func(_ context.Context, task *asynq.Task) error {
		kind, key := task.Type(), string(task.Payload())
		e.busy.Add(1)
		defer e.busy.Add(-1)
		defer e.answered.Add(1)
		if err := e.answer(ctx, kind, key); err != nil && ctx.Err() == nil {
			e.log.Error("a bell was answered badly", "kind", kind, "key", key, "error", err)
		}
		return nil // never retried by asynq: the owner's table tells what remains
	})
}

func (e *Engine) answer(ctx context.Context, kind, key string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	s := e.sources[kind]
	if s == nil {
		return fmt.Errorf("nobody answers %q", kind)
	}
	return s.Answer(ctx, key)
}

// quiet writes what asynq says of itself as debugging.
type quiet struct{ log *slog.Logger }

func (q quiet) say(args []any)    { q.log.Debug("asynq", "says", fmt.Sprint(args...)) }
func (q quiet) Debug(args ...any) { q.say(args) }
func (q quiet) Info(args ...any)  { q.say(args) }
func (q quiet) Warn(args ...any)  { q.say(args) }
func (q quiet) Error(args ...any) { q.say(args) }
func (q quiet) Fatal(args ...any) { q.say(args) }
