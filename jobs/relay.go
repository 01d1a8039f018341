package jobs

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"golang.org/x/sync/errgroup"

	"passerelles/storage"
)

const (
	between  = 200 * time.Millisecond // looks at what is due
	atLeast  = 40 * time.Millisecond  // between two looks, however often poked
	patience = time.Second            // after a failure
	ringers  = 16                     // asynq rings one bell a call
)

// relay rings for every source until ctx ends.
func (e *Engine) relay(ctx context.Context) {
	var wg sync.WaitGroup
	for _, s := range e.sources {
		wg.Go(func() { e.watch(ctx, s) })
	}
	wg.Wait()
}

func (e *Engine) watch(ctx context.Context, s *source) {
	tick := time.NewTicker(between)
	defer tick.Stop()
	failing := false
	for {
		pause := atLeast
		if err := e.ringDue(ctx, s); err != nil && ctx.Err() == nil {
			if !failing {
				e.log.Warn("nothing is rung for now", "kind", s.Kind, "error", err,
					"Redis away", e.away.Load(), "database away", storage.Away(err) && !e.away.Load())
			}
			failing, pause = true, patience
		} else if failing && ctx.Err() == nil {
			e.log.Info("bells ring again", "kind", s.Kind)
			failing = false
		}
		if !sleep(ctx, pause) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.poke:
		case <-tick.C:
		}
	}
}

// ringDue rings once for all that is due of a source. While Redis is away it
// asks for nothing, so that nothing is marked rung in vain.
func (e *Engine) ringDue(ctx context.Context, s *source) error {
	if e.away.Load() {
		if err := e.Ping(ctx); err != nil {
			return err
		}
		e.away.Store(false)
	}
	bells, err := s.Due(ctx, e.now())
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(ringers)
	for _, bell := range bells {
		group.Go(func() error { return e.ring(ctx, s.Kind, bell) })
	}
	if err := group.Wait(); err != nil {
		e.away.Store(true)
		return err
	}
	return nil
}

var turns atomic.Int64

func (e *Engine) ring(ctx context.Context, kind string, bell Bell) error {
	id := kind + ":" + bell.Key + ":" + bell.Turn
	if bell.Turn == "" {
		id += processMark + strconv.FormatInt(turns.Add(1), 36)
	}
	_, err := e.client.EnqueueContext(ctx, asynq.NewTask(kind, []byte(bell.Key)),
		asynq.Queue(bell.Queue), asynq.TaskID(id), asynq.MaxRetry(3), asynq.Timeout(time.Hour))
	if errors.Is(err, asynq.ErrTaskIDConflict) {
		return nil // it waits there already
	}
	if err == nil {
		e.rung.Add(1)
	}
	return err
}

// sleep waits, and says whether ctx is still going on.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
