package outbox

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"passerelles/acts"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

func TestDeliver(t *testing.T) {
	t.Parallel()
	t.Run("every peer gets every post, in order, signed by the group", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 3)
		var want []string
		for range 20 {
			want = append(want, w.post(t, 1))
		}
		w.work(t)
		for i, p := range w.peers {
			if got := p.received(); !slices.Equal(got, want) {
				t.Errorf("peer %d got %q, want %q", i, got, want)
			}
			verify(t, w, p.requests[0], p.got[0])
		}
		if n := count(t, w.db, "deliveries"); n != 0 {
			t.Errorf("%d deliveries remain", n)
		}
	})
	t.Run("503 once: the same bytes, signed anew", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		p := w.peers[0]
		p.answer(func(n int, _ string) (int, string) {
			if n == 0 {
				return http.StatusServiceUnavailable, ""
			}
			return http.StatusAccepted, ""
		})
		first, second := w.post(t, 1), w.post(t, 1)
		w.work(t)
		w.sleepOut(t, p)
		w.work(t)
		if got, want := p.received(), []string{first, first, second}; !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		verify(t, w, p.requests[1], p.got[1])
		if a, b := p.requests[0].Header.Get("Signature"), p.requests[1].Header.Get("Signature"); a == b {
			t.Error("the second try bears the first signature")
		}
	})
	t.Run("a suspended server is given up", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		w.post(t, 1)
		run(t, w.db, `INSERT INTO host_policies (host, policy, since) VALUES ($1, 'suspended', $2)`, w.peers[0].name, start)
		w.work(t)
		if got := w.peers[0].received(); len(got) != 0 {
			t.Errorf("it was sent %q", got)
		}
		if n := count(t, w.db, "dead_letters WHERE reason = 'this server is suspended'"); n != 1 {
			t.Errorf("%d dead letters, want 1", n)
		}
	})
}

func verify(t *testing.T, w *town, r *http.Request, body string) {
	t.Helper()
	keys, err := w.dir.PublicKeys(t.Context(), w.db, w.group.ID)
	if err != nil {
		t.Fatal(err)
	}
	id, err := federation.KeyID(r)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(keys, func(k vocab.PublicKey) bool { return k.ID == id })
	if i < 0 {
		t.Fatalf("the document does not show %s", id)
	}
	key, err := federation.ParseKey(keys[i])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := federation.Verify(r, []byte(body), key, w.clock.Now()); err != nil {
		t.Errorf("the signature: %v", err)
	}
}

// TestOutcomes tries one delivery once, and tells what is then in the tables.
func TestOutcomes(t *testing.T) {
	t.Parallel()
	const (
		gone    = "delivered"
		dead    = "dead"
		resting = "resting"
		held    = "held"
	)
	for status, want := range map[int]string{
		200: gone, 201: gone, 202: gone, 204: gone,
		400: dead, 403: dead, 404: dead, 405: dead, 406: dead, 413: dead, 422: dead,
		401: resting, 408: resting, 409: resting, 421: resting, 301: resting, 429: resting, 500: resting, 502: resting, 503: resting, 504: resting,
		410: held,
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w := newTown(t, 1)
			w.peers[0].answer(always(status))
			w.post(t, 1)
			w.work(t)
			tries := 1
			if notUnderstood(status) {
				tries = 2 // with each signature
			}
			if n := len(w.peers[0].received()); n != tries {
				t.Errorf("tried %d times, want %d", n, tries)
			}
			got := fmt.Sprint(
				count(t, w.db, "deliveries WHERE not_before IS NULL AND attempts = 1"),
				count(t, w.db, "deliveries WHERE not_before > $1", w.clock.Now()),
				count(t, w.db, "dead_letters"),
				count(t, w.db, "host_states WHERE resting_until > $1", w.clock.Now()))
			tables := map[string]string{gone: "0 0 0 0", dead: "0 0 1 0", resting: "1 0 0 1", held: "0 1 0 0"}
			if got != tables[want] {
				t.Errorf("waiting, held, dead, resting = %s, want %s", got, tables[want])
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "999999": 6 * time.Hour, "1": time.Second,
	} {
		t.Run(after, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, 1)
			w.peers[0].answer(func(int, string) (int, string) { return http.StatusTooManyRequests, after })
			w.post(t, 1)
			w.work(t)
			var until time.Time
			one(t, w.db, &until, `SELECT resting_until FROM host_states`)
			if got := until.Sub(w.clock.Now()); got != want {
				t.Errorf("rests %v, want %v", got, want)
			}
			if err := w.Woken(t.Context(), w.peers[0].host); err != nil {
				t.Fatal(err)
			}
			if n := count(t, w.db, "host_states WHERE resting_until = $1", until); n != 1 {
				t.Error("an inbound activity wakes a host that asked us to wait")
			}
			w.clock.Advance(want - 500*time.Millisecond)
			w.work(t)
			if n := len(w.peers[0].received()); n != 1 {
				t.Errorf("tried %d times before it may, want 1", n)
			}
			w.clock.Advance(markLasts)
			w.work(t)
			if n := len(w.peers[0].received()); n != 2 {
				t.Errorf("tried %d times once it may, want 2", n)
			}
		})
	}
}

func TestWoken(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	p.answer(always(http.StatusBadGateway))
	body := w.post(t, 1)
	w.work(t)
	p.answer(nil)
	w.work(t)
	if n := len(p.received()); n != 1 {
		t.Fatalf("tried %d times, want 1: it rests", n)
	}
	if err := w.Woken(t.Context(), p.host); err != nil {
		t.Fatal(err)
	}
	w.work(t)
	if got, want := p.received(), []string{body, body}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFourteenDays has a peer that is away for good.
func TestFourteenDays(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	p.Close()
	for i := range int64(300) {
		w.post(t, i)
	}
	tries := 0
	for count(t, w.db, "deliveries") > 0 {
		if tries++; tries > 500 {
			t.Fatal("tried for ever")
		}
		w.work(t)
		w.sleepOut(t, p)
	}
	var died time.Time
	one(t, w.db, &died, `SELECT min(died_at) FROM dead_letters`)
	if age := died.Sub(start); age < 14*24*time.Hour || age > 14*24*time.Hour+7*time.Hour {
		t.Errorf("given up after %v", age)
	}
	if n := count(t, w.db, "dead_letters WHERE reason <> ''"); n != 300 {
		t.Errorf("%d dead letters, want 300", n)
	}
	if tries < 60 || tries > 250 {
		t.Errorf("probed %d times in 14 days", tries)
	}
	t.Logf("probed %d times", tries)

	// Its administrator says that it is back.
	var n int64
	err := w.db.Write(t.Context(), func(tx storage.Tx) (err error) {
		n, err = RetryLetters(t.Context(), tx, p.name, acts.By{}, time.Now())
		return err
	})
	if err != nil || n != 300 || count(t, w.db, "deliveries") != 300 {
		t.Errorf("revived %d, %v", n, err)
	}
}

func TestGoneTwice(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	p.answer(always(http.StatusGone))
	w.post(t, 1)
	w.post(t, 1)
	w.work(t)
	w.clock.Advance(30 * time.Minute)
	w.work(t)
	if n := len(p.received()); n != 1 {
		t.Fatalf("tried %d times within the hour, want 1", n)
	}
	w.clock.Advance(time.Hour)
	w.work(t)
	if n := count(t, w.db, "deliveries"); n != 0 {
		t.Errorf("%d rows wait for an inbox that is no more", n)
	}
	if n := count(t, w.db, "dead_letters"); n != 2 {
		t.Errorf("%d dead letters, want 2", n)
	}
	w.post(t, 1)
	if n := count(t, w.db, "deliveries"); n != 0 {
		t.Error("sent to an inbox that is no more")
	}
}

// TestPoison has a peer that fails on one activity only.
func TestPoison(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	poison := w.post(t, 1)
	after := w.post(t, 1) // must wait with it
	other := w.post(t, 2) // must not
	p.answer(func(_ int, body string) (int, string) {
		if body == poison {
			return http.StatusInternalServerError, ""
		}
		return http.StatusAccepted, ""
	})
	for range 6 {
		w.work(t)
		w.sleepOut(t, p)
	}
	if got := p.received(); !slices.Contains(got, other) || slices.Contains(got, after) {
		t.Errorf("got %q, want %q and not %q", got, other, after)
	}
	p.answer(nil)
	w.clock.Advance(7 * time.Hour)
	w.work(t)
	got := p.received()
	if want := []string{poison, after}; !slices.Equal(got[len(got)-2:], want) {
		t.Errorf("at last got %q, want %q", got[len(got)-2:], want)
	}
}

// TestThreeDays has a peer that does not accept our signatures any more.
func TestThreeDays(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	p.answer(always(http.StatusUnauthorized))
	w.post(t, 1)
	for tries := 0; count(t, w.db, "deliveries") > 0; tries++ {
		if tries > 500 {
			t.Fatal("tried for ever")
		}
		w.work(t)
		w.clock.Advance(time.Hour)
	}
	var died time.Time
	one(t, w.db, &died, `SELECT died_at FROM dead_letters WHERE reason = '401 Unauthorized'`)
	if age := died.Sub(start); age < 3*24*time.Hour || age > 3*24*time.Hour+8*time.Hour {
		t.Errorf("given up after %v", age)
	}
}
