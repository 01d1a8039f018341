package inbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/storage"
)

const (
	quickBatch = 50
	slowBatch  = 1                // each may take half a minute
	watch      = 20 * time.Second // then a drainer leaves its slot, to be rung again
	lives      = 20               // tries before a row is dead
	panics     = 3                // of them, those that end in a panic
	rungFor    = 5 * time.Second  // how long a bell may take to be answered
)

// team is the drainers of one queue in this process: which were rung, which work.
type team struct {
	queue string
	mu    sync.Mutex
	rung  []time.Time // zero: idle
	busy  []bool
}

func newTeam(queue string, n int) *team {
	return &team{queue: queue, rung: make([]time.Time, n), busy: make([]bool, n)}
}

// idle counts the drainers that may be rung.
func (t *team) idle(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for i := range t.rung {
		if !t.busy[i] && now.Sub(t.rung[i]).Abs() >= rungFor {
			n++
		}
	}
	return n
}

// ring gives a bell to n idle drainers.
func (t *team) ring(n int, now time.Time) []jobs.Bell {
	t.mu.Lock()
	defer t.mu.Unlock()
	var bells []jobs.Bell
	for i := range t.rung {
		if len(bells) < n && !t.busy[i] && now.Sub(t.rung[i]).Abs() >= rungFor {
			t.rung[i] = now
			bells = append(bells, jobs.Bell{Queue: t.queue, Key: t.queue + " " + strconv.Itoa(i)})
		}
	}
	return bells
}

// work notes that drainer i works, or has ended.
func (t *team) work(i int, busy bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if i < 0 || i >= len(t.busy) {
		return // rung by a process with more drainers
	}
	t.busy[i] = busy
	t.rung[i] = time.Time{}
}

// due rings as many drainers as what waits can occupy.
func (in *Inbox) due(ctx context.Context, now time.Time) ([]jobs.Bell, error) {
	if in.quick.idle(now) == 0 && in.slow.idle(now) == 0 {
		return nil, nil
	}
	b, err := readBacklog(ctx, in.DB, in.Drainers*quickBatch*4, now)
	if err != nil {
		return nil, fmt.Errorf("read what waits in the inbox: %w", err)
	}
	if b.Oldest == nil {
		in.gate.heard(time.Time{}, now)
	}
	// Few drainers with much in hand: what they share would cost each its own statements.
	bells := in.quick.ring((b.Quick+quickBatch-1)/quickBatch, now)
	return append(bells, in.slow.ring(b.Slow, now)...), nil
}

// answer is a drainer: it applies what waits until nothing does or its watch is over.
func (in *Inbox) answer(ctx context.Context, key string) error {
	queue, number, _ := strings.Cut(key, " ")
	i, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("bell %q: %w", key, err)
	}
	t, slow, batch := in.quick, false, quickBatch
	if queue == in.slow.queue {
		t, slow, batch = in.slow, true, slowBatch
	}
	t.work(i, true)
	defer t.work(i, false)
	return in.drain(ctx, slow, batch, in.Now().Add(watch))
}

func (in *Inbox) drain(ctx context.Context, slow bool, batch int, until time.Time) error {
	for ctx.Err() == nil && in.Now().Before(until) {
		more, err := in.turn(ctx, slow, batch)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// turn claims some rows and applies them; false: there were none.
func (in *Inbox) turn(ctx context.Context, slow bool, batch int) (more bool, err error) {
	alone, leave := in.solitude.Enter()
	defer leave()
	rows, err := claim(ctx, in.DB, slow, alone, batch, in.Now())
	switch {
	case err != nil:
		return false, fmt.Errorf("claim from the inbox: %w", err)
	case len(rows) == 0:
		if !slow {
			in.gate.heard(time.Time{}, in.Now())
		}
		return false, nil
	case rows[0].Deaths >= jobs.MostDeaths:
		return true, in.settle(ctx, rows[0], end{"dead", fmt.Sprintf("whoever applied it died, %d times", rows[0].Deaths)})
	case rows[0].Deaths < jobs.Suspect:
		leave()
	}
	return true, in.shift(ctx, rows, slow)
}

// shift applies the rows of one claim. Those that lack something come again at its end:
// what they lack, say the post that they answer, is most often being applied beside.
func (in *Inbox) shift(ctx context.Context, rows []waiting, slow bool) error {
	if !slow {
		in.gate.heard(oldest(rows), in.Now())
		rows = in.together(ctx, rows)
	}
	again := rows[:0:0]
	for i, w := range rows {
		if !slow {
			in.gate.heard(oldest(rows[i:]), in.Now())
		}
		err := in.attempt(ctx, w, slow)
		if errors.Is(err, errSlow) {
			again = append(again, w)
			continue
		}
		if err := in.conclude(ctx, w, slow, err); err != nil || ctx.Err() != nil {
			return errors.Join(err, in.release(ctx, slices.Concat(again, rows[i+1:]), slow))
		}
	}
	for i, w := range again {
		if err := in.conclude(ctx, w, slow, in.attempt(ctx, w, slow)); err != nil || ctx.Err() != nil {
			return errors.Join(err, in.release(ctx, again[i+1:], slow))
		}
	}
	return nil
}

// Drain applies what is due of both queues, here and now: for tests and for commands.
func (in *Inbox) Drain(ctx context.Context) error {
	until := in.Now().Add(watch)
	return errors.Join(in.drain(ctx, false, quickBatch, until), in.drain(ctx, true, slowBatch, until),
		in.drain(ctx, false, quickBatch, until))
}

// release gives back what was claimed and not begun, so that nobody waits for the lease.
func (in *Inbox) release(ctx context.Context, rows []waiting, slow bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, w := range rows {
		if err := putBack(ctx, in.DB, w, slow, in.Now(), w.Attempts-1); err != nil {
			return err // the lease will end
		}
	}
	return nil
}

func oldest(rows []waiting) time.Time {
	for _, w := range rows {
		if w.Attempts == 1 {
			return w.Arrived
		}
	}
	return time.Time{}
}

// conclude settles what becomes of a row after an attempt. An error means that nothing
// more can be done now: the database is away.
func (in *Inbox) conclude(ctx context.Context, w waiting, network bool, err error) error {
	var over end
	now := in.Now()
	switch {
	case err == nil:
		return nil // ended and counted with its change
	case ctx.Err() != nil:
		return in.release(ctx, []waiting{w}, network)
	case storage.Away(err) && in.DB.Ping(ctx) != nil:
		return err
	case errors.Is(err, errLost):
		return nil // another drainer has it
	case errors.As(err, &over):
		return in.settle(ctx, w, over)
	case errors.Is(err, errSlow):
		in.Counted("slow", w.Type)
		return putBack(ctx, in.DB, w, true, now.Add(100*time.Millisecond), w.Attempts-1)
	case errors.Is(err, errPanic) && w.Attempts >= panics:
		return in.settle(ctx, w, end{"dead", err.Error()})
	}
	if final(err) {
		return in.settle(ctx, w, end{"refused", err.Error()})
	}
	return in.postpone(ctx, w, network, err)
}

// final says whether a fault will be the same tomorrow.
func final(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.Gone, fault.Conflict,
		fault.TooLarge, fault.UnsupportedMedia:
		return true
	}
	return false
}

// settle ends a row that is not applied.
func (in *Inbox) settle(ctx context.Context, w waiting, over end) error {
	in.Counted(over.outcome, w.Type)
	if over.outcome == "dead" {
		in.Log.Error("inbox: given up", "activity", w.IRI, "type", w.Type, "reason", over.reason)
	}
	_, err := finish(ctx, in.DB, w, over)
	return err
}

// postpone leaves a row for later, each time longer, and gives it up in the end.
func (in *Inbox) postpone(ctx context.Context, w waiting, network bool, why error) error {
	if w.Attempts >= lives {
		return in.settle(ctx, w, end{"dead", why.Error()})
	}
	in.Counted("postponed", w.Type)
	in.Log.Debug("inbox: later", "activity", w.IRI, "attempts", w.Attempts, "error", why)
	return putBack(ctx, in.DB, w, network, in.Now().Add(backoff(w.Attempts, fault.After(why))), w.Attempts)
}

const longestRest = 6 * time.Hour

// backoff is 10 seconds, doubled each time up to 6 hours, half of it by chance; longer
// if the other side said so.
func backoff(attempts int16, asked time.Duration) time.Duration {
	rest := min(10*time.Second<<min(max(attempts-1, 0), 12), longestRest)
	return max(rest/2+rand.N(rest/2), min(asked, longestRest))
}

var (
	errLost  = errors.New("another drainer has this row")
	errPanic = errors.New("panic")
)

// attempt applies one row. A panic is this row's failure and nobody else's.
func (in *Inbox) attempt(ctx context.Context, w waiting, network bool) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
			in.Log.Error("inbox: panic", "activity", w.IRI, "type", w.Type, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, reachFor)
	defer cancel()
	return in.apply(ctx, w, network)
}
