package outbox

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// TestDeaf has a peer that speaks to us each five minutes and cannot be reached for three
// days: that it speaks makes us look at once, and then ever more rarely, up to once an hour.
func TestDeaf(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	var tries []time.Time
	reached := false
	p.answer(func(int, string) (int, string) {
		if reached {
			return http.StatusAccepted, ""
		}
		tries = append(tries, w.clock.Now())
		return http.StatusServiceUnavailable, ""
	})
	said := w.post(t, 1)
	w.work(t)
	speak := func() {
		t.Helper()
		if err := w.Woken(t.Context(), p.host); err != nil {
			t.Fatal(err)
		}
		w.work(t)
	}
	for w.clock.Now().Before(start.Add(3 * day)) {
		w.clock.Advance(5 * time.Minute)
		speak()
	}
	last := slices.DeleteFunc(slices.Clone(tries), start.Add(2*day).After)
	t.Logf("tried %d times in three days, %d times on the third", len(tries), len(last))
	if n := len(last); n < 20 || n > 24+24 {
		t.Errorf("tried %d times on the third day, want about once an hour", n)
	}
	if n := count(t, w.db, "host_states WHERE failures >= 20"); n != 1 {
		t.Error("that it spoke made its failures forgotten")
	}

	reached = true
	healed := w.clock.Now()
	for count(t, w.db, "deliveries") > 0 {
		w.clock.Advance(5 * time.Minute)
		speak()
	}
	if late := w.clock.Now().Sub(healed); late > 65*time.Minute {
		t.Errorf("reached %v after it could be, want within the hour", late)
	}
	if got := p.received(); got[len(got)-1] != said {
		t.Errorf("got %q, want %q", got[len(got)-1], said)
	}

	// It was well in between: the next time we look at once again.
	reached = false
	before := len(tries)
	w.post(t, 1)
	w.work(t)
	w.clock.Advance(restingFresh)
	speak()
	if n := len(tries) - before; n != 2 {
		t.Errorf("tried %d times as it failed and spoke, want 2", n)
	}
}

// TestDeafToEveryProcess has several processes hear a peer that cannot be reached: they
// count together.
func TestDeafToEveryProcess(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	p.answer(always(http.StatusServiceUnavailable))
	w.post(t, 1)
	w.work(t)
	var each []int
	for range 3 {
		run(t, w.db, `UPDATE host_states SET resting_until = $1`, w.clock.Now().Add(time.Hour)) // whatever the dice said
		if err := w.courier(w.db).Woken(t.Context(), p.host); err != nil {
			t.Fatal(err)
		}
		w.work(t)
		each = append(each, len(p.received()))
	}
	if got, want := fmt.Sprint(each), "[2 2 2]"; got != want {
		t.Errorf("tried %s times, want %s", got, want)
	}
}
