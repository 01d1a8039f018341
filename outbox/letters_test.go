package outbox

import (
	"net/http"
	"strings"
	"testing"

	"passerelles/acts"
	"passerelles/jobs"
	"passerelles/storage"
)

func TestLetters(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2)
	refusing, resting := w.peers[0], w.peers[1]
	refusing.answer(always(http.StatusForbidden))
	resting.answer(always(http.StatusBadGateway))
	w.post(t, 1)
	w.work(t)

	list, err := Letters(t.Context(), w.db, refusing.name, 0, 10)
	if err != nil || len(list) != 1 || list[0].Inbox != refusing.URL+"/inbox" || list[0].Attempts != 1 ||
		list[0].Reason != "403 Forbidden" || !list[0].DiedAt.Equal(start) {
		t.Fatalf("letters = %+v, %v", list, err)
	}
	backlogs, err := Backlogs(t.Context(), w.db)
	if err != nil || len(backlogs) != 2 || backlogs[0].Host != resting.name || backlogs[0].Waiting != 1 ||
		backlogs[0].Failures != 1 || backlogs[0].Error != "502 Bad Gateway" || backlogs[1].Letters != 1 {
		t.Fatalf("backlogs = %+v, %v", backlogs, err)
	}
	change := func(do func(tx storage.Tx) (int64, error)) (n int64) {
		t.Helper()
		err := w.db.Write(t.Context(), func(tx storage.Tx) (err error) {
			n, err = do(tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := change(func(tx storage.Tx) (int64, error) {
		return DropWaiting(t.Context(), tx, resting.name, start)
	}); n != 1 {
		t.Errorf("gave up %d", n)
	}
	refusing.answer(nil)
	if n := change(func(tx storage.Tx) (int64, error) {
		return RetryLetters(t.Context(), tx, refusing.name, acts.By{}, start)
	}); n != 1 {
		t.Errorf("revived %d", n)
	}
	w.work(t)
	if n := len(refusing.received()); n != 2 {
		t.Errorf("posted %d times, want 2", n)
	}
	resting.answer(nil)
	if n := change(func(tx storage.Tx) (int64, error) {
		return RetryLetters(t.Context(), tx, resting.name, acts.By{}, start)
	}); n != 1 {
		t.Errorf("revived %d of the host that rests", n)
	}
	w.work(t) // its rest is over
	if n := len(resting.received()); n != 2 {
		t.Errorf("posted %d times to who rested, want 2", n)
	}
	refusing.answer(always(http.StatusForbidden))
	w.post(t, 1)
	w.work(t)
	if n := change(func(tx storage.Tx) (int64, error) { return DropLetters(t.Context(), tx, "", acts.By{}, start) }); n != 1 {
		t.Errorf("dropped %d letters, want the one refused again", n)
	}
}

// TestUnknownHosts meets many hosts at once: those that are dead must not take
// all quick slots.
func TestUnknownHosts(t *testing.T) {
	t.Parallel()
	w := newTown(t, 0)
	run(t, w.db, `INSERT INTO deliveries (host, activity, inbox, slot) SELECT n, 1, n, 0 FROM generate_series(1, 300) AS n`)
	bells, err := w.due(t.Context(), w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	queues := map[string]int{}
	for _, b := range bells {
		queues[b.Queue]++
		if !strings.HasSuffix(b.Key, "/0") || b.Turn == "" {
			t.Fatalf("bell %+v", b)
		}
	}
	if queues[jobs.Deliver] != unknownAtOnce || queues[jobs.DeliverSlow] != 300-unknownAtOnce {
		t.Errorf("queues = %v", queues)
	}
	if again, err := w.due(t.Context(), w.clock.Now()); err != nil || len(again) > 0 {
		t.Errorf("rung again at once for %d lanes (%v)", len(again), err)
	}
	w.clock.Advance(markLasts)
	again, err := w.due(t.Context(), w.clock.Now())
	if err != nil || len(again) != 300 || again[0].Turn != bells[0].Turn {
		t.Errorf("rung again for %d lanes whose bells were lost (%v), want 300 with the same turn", len(again), err)
	}
}
