package actors

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// together lets all who ask the same thing at the same time share one answer.
// One of them going away does not take it from the others.
func together[T any](ctx context.Context, g *singleflight.Group, key string, limit time.Duration, ask func(context.Context) (T, error)) (T, error) {
	answered := g.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
		defer cancel()
		return ask(ctx)
	})
	select {
	case r := <-answered:
		return r.Val.(T), r.Err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// slots counts how many questions are open to each host.
type slots struct {
	mu    sync.Mutex
	taken map[string]int
}

func (s *slots) take(host string, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[host] >= most {
		return false
	}
	s.taken[host]++
	return true
}

func (s *slots) free(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[host]--; s.taken[host] == 0 {
		delete(s.taken, host)
	}
}
