package media

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"passerelles/fault"
)

// errBusy is told when there is no place to fetch one more picture.
var errBusy = fault.Later(fault.Unavailable, "Too many pictures are being fetched: please try again.", 5*time.Second)

// hostSlots lets so many fetch from one host at a time.
type hostSlots struct {
	most int64

	mu    sync.Mutex
	hosts map[string]*hostSlot
}

type hostSlot struct {
	places *semaphore.Weighted
	users  int
}

// take waits for a place; free gives it back.
func (h *hostSlots) take(ctx context.Context, host string) (free func(), err error) {
	h.mu.Lock()
	if h.hosts == nil {
		h.hosts = map[string]*hostSlot{}
	}
	slot := h.hosts[host]
	if slot == nil {
		slot = &hostSlot{places: semaphore.NewWeighted(h.most)}
		h.hosts[host] = slot
	}
	slot.users++
	h.mu.Unlock()
	if err := slot.places.Acquire(ctx, 1); err != nil {
		h.leave(host, slot)
		return nil, err
	}
	return func() {
		slot.places.Release(1)
		h.leave(host, slot)
	}, nil
}

func (h *hostSlots) leave(host string, slot *hostSlot) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if slot.users--; slot.users == 0 {
		delete(h.hosts, host)
	}
}

// place waits for a place to fetch from a host, that of the host first: who waits
// for a slow one takes nothing from the others.
func (s *Service) place(ctx context.Context, host string) (free func(), err error) {
	if !s.due.TryAcquire(1) {
		return nil, errBusy
	}
	defer s.due.Release(1)
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	leave, err := s.hosts.take(ctx, host)
	if err != nil {
		return nil, errBusy
	}
	if err := s.fetching.Acquire(ctx, 1); err != nil {
		leave()
		return nil, errBusy
	}
	return func() {
		s.fetching.Release(1)
		leave()
	}, nil
}
