package storage

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
)

func TestCombiner(t *testing.T) {
	t.Parallel()
	t.Run("each gets its own answer, many in one batch", func(t *testing.T) {
		t.Parallel()
		var mu sync.Mutex
		batches := 0
		hold := make(chan bool)
		c := NewCombiner(10, func(batch []int) ([]int, error) {
			mu.Lock()
			batches++
			first := batches == 1
			mu.Unlock()
			if len(batch) > 10 {
				t.Errorf("a batch of %d", len(batch))
			}
			if first {
				<-hold // until all others wait
			}
			answers := make([]int, len(batch))
			for i, q := range batch {
				answers[i] = q * q
			}
			return answers, nil
		})
		var wg sync.WaitGroup
		for q := range 101 {
			wg.Go(func() {
				if a, err := c.Ask(t.Context(), q); err != nil || a != q*q {
					t.Errorf("asked %d, got %d, %v", q, a, err)
				}
			})
		}
		for waiting := 0; waiting < 100; runtime.Gosched() {
			c.mu.Lock()
			waiting = len(c.waiting)
			c.mu.Unlock()
		}
		hold <- true
		wg.Wait()
		if batches != 11 {
			t.Errorf("%d batches, want the first of one and ten of ten", batches)
		}
	})
	t.Run("an error and a panic reach all, and the next one works", func(t *testing.T) {
		t.Parallel()
		oh := errors.New("oh")
		c := NewCombiner(10, func(batch []int) ([]int, error) {
			switch batch[0] {
			case 1:
				return nil, oh
			case 2:
				panic("oh")
			}
			return batch, nil
		})
		if _, err := c.Ask(t.Context(), 1); !errors.Is(err, oh) {
			t.Errorf("error = %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is hidden")
				}
			}()
			_, _ = c.Ask(t.Context(), 2) // panics
		}()
		if a, err := c.Ask(t.Context(), 3); a != 3 || err != nil {
			t.Errorf("then %d, %v", a, err)
		}
	})
	t.Run("who has waited long enough goes, and holds up nobody", func(t *testing.T) {
		t.Parallel()
		begun, hold := make(chan bool), make(chan bool)
		c := NewCombiner(10, func(batch []int) ([]int, error) {
			if batch[0] == 1 {
				close(begun)
				<-hold
			}
			return batch, nil
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			if a, err := c.Ask(t.Context(), 1); a != 1 || err != nil {
				t.Errorf("the first: %d, %v", a, err)
			}
		})
		<-begun
		short, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			_, err := c.Ask(short, 2)
			gone <- err
		}()
		await := func(n int) {
			for waiting := -1; waiting != n; runtime.Gosched() {
				c.mu.Lock()
				waiting = len(c.waiting)
				c.mu.Unlock()
			}
		}
		await(1)
		wg.Go(func() {
			if a, err := c.Ask(t.Context(), 3); a != 3 || err != nil {
				t.Errorf("who stood behind: %d, %v", a, err)
			}
		})
		await(2)
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("who went: %v", err)
		}
		await(1)
		close(hold)
		wg.Wait()
	})
}
