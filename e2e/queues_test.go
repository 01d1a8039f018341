package e2e

import "sync"

// queuesOf are channels by name, each made when it is asked for.
type queuesOf[T any] struct {
	mu  sync.Mutex
	all map[string]chan T
}

func (q *queuesOf[T]) of(name string) chan T {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.all == nil {
		q.all = map[string]chan T{}
	}
	if q.all[name] == nil {
		q.all[name] = make(chan T, 16)
	}
	return q.all[name]
}
