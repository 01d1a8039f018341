package storage

import (
	"context"
	"errors"
	"slices"
	"sync"
)

var errPanic = errors.New("somebody's panic ended the batch")

// Combiner makes one statement of what many ask at the same moment: whoever
// comes first does the work of all who wait, and passes the lead on. It needs no
// goroutine, and who is alone waits for nobody.
type Combiner[Q, A any] struct {
	most int
	do   func(batch []Q) ([]A, error)

	mu      sync.Mutex
	led     bool
	waiting []*asked[Q, A]
}

// NewCombiner makes one whose do answers at most so many questions at once, in their order.
func NewCombiner[Q, A any](most int, do func(batch []Q) ([]A, error)) *Combiner[Q, A] {
	return &Combiner[Q, A]{most: most, do: do}
}

type asked[Q, A any] struct {
	question Q
	answer   A
	err      error
	done     chan struct{} // closed once answered
	lead     chan struct{} // closed when it must lead
}

// Ask waits for the answer, as long as ctx lasts. An error is that of ctx, after which
// it is unknown what was done, or that of the whole batch.
func (c *Combiner[Q, A]) Ask(ctx context.Context, question Q) (A, error) {
	me := &asked[Q, A]{question: question, done: make(chan struct{}), lead: make(chan struct{})}
	c.mu.Lock()
	c.waiting = append(c.waiting, me)
	if !c.led {
		c.led = true
		c.mu.Unlock()
		c.leadOnce()
		return me.answer, me.err
	}
	c.mu.Unlock()
	select {
	case <-me.done:
	case <-me.lead:
		c.leadOnce() // the first in the row leads, so it is in its own batch
	case <-ctx.Done():
		if c.leave(me) {
			var none A
			return none, ctx.Err()
		}
		c.leadOnce()
	}
	return me.answer, me.err
}

// leave gives up waiting. False: it must lead, or nobody would.
func (c *Combiner[Q, A]) leave(me *asked[Q, A]) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-me.lead:
		return false
	default:
		c.waiting = slices.DeleteFunc(c.waiting, func(a *asked[Q, A]) bool { return a == me })
		return true
	}
}

func (c *Combiner[Q, A]) leadOnce() {
	c.mu.Lock()
	n := min(len(c.waiting), c.most)
	batch := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	c.mu.Unlock()

	err := errPanic
	answers := make([]A, n)
	defer func() {
		for i, a := range batch {
			if a.err = err; err == nil {
				a.answer = answers[i]
			}
			close(a.done)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.led = len(c.waiting) > 0; c.led {
			close(c.waiting[0].lead)
		}
	}()
	questions := make([]Q, n)
	for i, a := range batch {
		questions[i] = a.question
	}
	answers, err = c.do(questions)
}
