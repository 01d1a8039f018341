package embedded

import (
	"context"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// memory is a Redis inside this process, for machines without one: slow, for
// one process only, and forgetting all at its end.
type memory struct {
	server *miniredis.Miniredis
	quit   chan struct{}
	clock  sync.WaitGroup
}

func startMemory() (*memory, error) {
	server, err := miniredis.Run()
	if err != nil {
		return nil, err
	}
	m := &memory{server: server, quit: make(chan struct{})}
	m.clock.Go(m.tick)
	return m, nil
}

// tick moves the server's clock: of itself it lets no key expire, and a lock of
// asynq would then be held for ever.
func (m *memory) tick() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-m.quit:
			return
		case now := <-ticker.C:
			m.server.FastForward(now.Sub(last))
			last = now
		}
	}
}

func (m *memory) url() string { return "redis://" + m.server.Addr() + "/0" }

func (m *memory) stop(context.Context) error {
	close(m.quit)
	m.clock.Wait()
	m.server.Close()
	return nil
}
