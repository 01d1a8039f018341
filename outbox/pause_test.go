package outbox

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"passerelles/acts"
	"passerelles/storage"
)

func TestPause(t *testing.T) {
	t.Parallel()

	t.Run("keeps everything back until the end", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		other := w.courier(w.db) // another process, which knows of no pause yet
		first := w.post(t, 1)
		key := ring(t, w)
		w.hold(t)
		w.clock.Advance(pauseFresh)
		second := w.post(t, 1)
		for _, c := range []*Courier{w.Courier, other} {
			if bells, err := c.due(t.Context(), w.clock.Now().Add(markLasts)); err != nil || len(bells) > 0 {
				t.Errorf("rung while paused: %v, %v", bells, err)
			}
			if err := c.answer(t.Context(), key); err != nil {
				t.Errorf("a bell rung before: %v", err)
			}
		}
		if got := w.peers[0].received(); len(got) > 0 {
			t.Errorf("sent %q while paused", got)
		}
		w.resume(t)
		w.clock.Advance(markLasts)
		w.work(t)
		if got, want := w.peers[0].received(), []string{first, second}; !slices.Equal(got, want) {
			t.Errorf("sent %q after, want %q", got, want)
		}
	})

	t.Run("stops a lane that is being drained", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		w.peers[0].answer(func(int, string) (int, string) {
			w.hold(t)
			w.clock.Advance(pauseFresh)
			return http.StatusAccepted, ""
		})
		for range 3 {
			w.post(t, 1)
		}
		if err := w.Courier.answer(t.Context(), ring(t, w)); err != nil {
			t.Fatal(err)
		}
		if got, waiting := len(w.peers[0].received()), count(t, w.db, "deliveries"); got != 1 || waiting != 2 {
			t.Errorf("sent %d, %d wait; want 1 and 2", got, waiting)
		}
		if n := count(t, w.db, "lanes WHERE lease_until > $1", w.clock.Now()); n != 0 {
			t.Error("the lane is not freed")
		}
	})

	t.Run("asks the database once a second", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		w.work(t)
		w.hold(t)
		if paused, err := w.paused(t.Context()); paused || err != nil {
			t.Errorf("paused = %v, %v: it was read again at once", paused, err)
		}
		w.clock.Advance(pauseFresh)
		if paused, err := w.paused(t.Context()); !paused || err != nil {
			t.Errorf("paused = %v, %v after %v", paused, err, pauseFresh)
		}
	})

	t.Run("gives up what waited when it began, and nothing newer", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 2)
		w.post(t, 1)
		w.hold(t)
		w.hold(t) // a second time moves nothing
		want := w.post(t, 1)
		pause, ok, err := Paused(t.Context(), w.db)
		if err != nil || !ok || pause.Reason != "by hand" || !pause.Since.Equal(start) {
			t.Fatalf("paused = %+v, %v, %v", pause, ok, err)
		}
		dropped, err := Resume(t.Context(), w.db, acts.By{}, true, w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(pauseFresh)
		w.work(t)
		if dropped != 2 || count(t, w.db, "dead_letters") != 2 {
			t.Errorf("gave up %d, want 2 dead letters", dropped)
		}
		for _, p := range w.peers {
			if got := p.received(); !slices.Equal(got, []string{want}) {
				t.Errorf("%s got %q, want %q", p.name, got, want)
			}
		}
	})
}

func (w *town) hold(t testing.TB) {
	t.Helper()
	err := w.db.Write(t.Context(), func(tx storage.Tx) error { return Hold(t.Context(), tx, acts.By{}, "by hand", w.clock.Now()) })
	if err != nil {
		t.Error(err)
	}
	w.clock.Advance(time.Millisecond)
}

func (w *town) resume(t testing.TB) {
	t.Helper()
	if _, err := Resume(t.Context(), w.db, acts.By{}, false, w.clock.Now()); err != nil {
		t.Error(err)
	}
}
