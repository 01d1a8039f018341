package outbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/federation"
)

// schemes tells how each request that a peer got was signed.
func (p *peer) schemes() (all []federation.Scheme) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		scheme := federation.Cavage
		switch input := r.Header.Get("Signature-Input"); {
		case strings.Contains(input, `alg="ed25519"`):
			scheme = "ed25519"
		case input != "":
			scheme = federation.RFC9421
		}
		all = append(all, scheme)
	}
	return all
}

// reads lets a peer answer 202 to one signature and a status to the other.
func (p *peer) reads(scheme federation.Scheme, other int) {
	p.answer(func(n int, _ string) (int, string) {
		if p.schemes()[n] == scheme {
			return http.StatusAccepted, ""
		}
		return other, ""
	})
}

// TestKnock knocks twice where the first signature is not understood, and remembers.
func TestKnock(t *testing.T) {
	t.Parallel()
	const (
		older = federation.Cavage
		newer = federation.RFC9421
	)
	for _, status := range []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusInternalServerError} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()
			w := newTown(t, 1)
			p := w.peers[0]
			p.reads(newer, status)
			first, second := w.post(t, 1), w.post(t, 1)
			w.work(t)
			if got, want := p.schemes(), []federation.Scheme{older, newer, newer}; !slices.Equal(got, want) {
				t.Fatalf("knocked with %q, want %q", got, want)
			}
			if got, want := p.received(), []string{first, first, second}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			for i := range 3 {
				verify(t, w, p.requests[i], p.got[i])
			}
			if n := count(t, w.db, "host_states WHERE signature = 'rfc9421' AND failures = 0"); n != 1 {
				t.Error("the host is not remembered")
			}
		})
	}
	t.Run("a host that changes its mind", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		p := w.peers[0]
		p.reads(newer, http.StatusUnauthorized)
		w.post(t, 1)
		w.work(t)
		p.reads(older, http.StatusUnauthorized)
		w.post(t, 1)
		w.post(t, 1)
		w.work(t)
		if got, want := p.schemes(), []federation.Scheme{older, newer, newer, older, older}; !slices.Equal(got, want) {
			t.Errorf("knocked with %q, want %q", got, want)
		}
	})
	t.Run("a refusal of a known host is not argued with", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		p := w.peers[0]
		w.post(t, 1)
		w.work(t)
		p.answer(always(http.StatusBadRequest))
		w.post(t, 1)
		w.work(t)
		if got, want := p.schemes(), []federation.Scheme{older, older}; !slices.Equal(got, want) {
			t.Errorf("knocked with %q, want %q", got, want)
		}
		if n := count(t, w.db, "dead_letters"); n != 1 {
			t.Errorf("%d dead letters, want 1", n)
		}
	})
	t.Run("of two refusals the first counts", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		w.peers[0].answer(func(n int, _ string) (int, string) {
			return []int{http.StatusBadRequest, http.StatusUnauthorized}[n], ""
		})
		w.post(t, 1)
		w.work(t)
		if n := count(t, w.db, "dead_letters WHERE reason LIKE '400%'"); n != 1 {
			t.Errorf("%d dead letters, want 1", n)
		}
	})
	t.Run("who knows our key no more, and does not read the newer way, as NodeBB, is tried again", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		w.peers[0].answer(func(n int, _ string) (int, string) {
			return []int{http.StatusUnauthorized, http.StatusBadRequest, http.StatusAccepted}[n], ""
		})
		said := w.post(t, 1)
		w.work(t)
		w.clock.Advance(time.Hour)
		w.work(t)
		if got, want := w.peers[0].received(), []string{said, said, said}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if n := count(t, w.db, "dead_letters"); n != 0 {
			t.Errorf("%d dead letters, want none", n)
		}
	})
	t.Run("who understood and refuses is believed", func(t *testing.T) {
		t.Parallel()
		w := newTown(t, 1)
		p := w.peers[0]
		p.answer(func(n int, _ string) (int, string) {
			return []int{http.StatusUnauthorized, http.StatusForbidden}[n], ""
		})
		w.post(t, 1)
		w.work(t)
		if n := count(t, w.db, "dead_letters WHERE reason LIKE '403%'"); n != 1 {
			t.Errorf("%d dead letters, want 1", n)
		}
	})
}

// TestKnockLightly signs with Ed25519 for hosts that say that they verify it.
func TestKnockLightly(t *testing.T) {
	t.Parallel()
	const (
		older   = federation.Cavage
		newer   = federation.RFC9421
		edwards = federation.Scheme("ed25519")
	)
	for name, tc := range map[string]struct {
		status  map[federation.Scheme]int // of those that are not taken
		knocks  []federation.Scheme       // for two posts after the first
		refused int                       // hosts that are noted
	}{
		"taken":                     {nil, []federation.Scheme{edwards, edwards}, 0},
		"refused by 401":            {map[federation.Scheme]int{edwards: 401}, []federation.Scheme{edwards, older, older}, 1},
		"refused by 400":            {map[federation.Scheme]int{edwards: 400}, []federation.Scheme{edwards, older, older}, 1},
		"refused by 403, for good":  {map[federation.Scheme]int{edwards: 403}, []federation.Scheme{edwards, edwards}, 0},
		"refused as all others are": {map[federation.Scheme]int{edwards: 400, older: 400}, []federation.Scheme{edwards, older, edwards, older}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t, 1)
			p := w.peers[0]
			w.post(t, 1)
			w.work(t) // the host is met
			run(t, w.db, `UPDATE hosts SET ed25519 = true WHERE name = $1`, p.name)
			p.answer(func(n int, _ string) (int, string) {
				if status := tc.status[p.schemes()[n]]; status != 0 {
					return status, ""
				}
				return http.StatusAccepted, ""
			})
			for range 2 {
				w.post(t, 1)
				w.work(t)
			}
			if got, want := p.schemes(), append([]federation.Scheme{older}, tc.knocks...); !slices.Equal(got, want) {
				t.Fatalf("knocked with %q, want %q", got, want)
			}
			for i := range p.requests {
				verify(t, w, p.requests[i], p.got[i])
			}
			if n := count(t, w.db, "host_states WHERE ed25519_refused_at IS NOT NULL"); n != tc.refused {
				t.Errorf("%d hosts are noted, want %d", n, tc.refused)
			}
			if n := count(t, w.db, "host_states WHERE signature NOT IN ('', 'cavage')"); n != 0 {
				t.Error("a server of before does not know the scheme that is noted")
			}
			if tc.refused == 0 {
				return
			}
			w.clock.Advance(8 * 24 * time.Hour)
			p.answer(always(http.StatusAccepted))
			w.post(t, 1)
			w.work(t)
			if all := p.schemes(); all[len(all)-1] != edwards {
				t.Errorf("a week later it is signed with %s", all[len(all)-1])
			}
		})
	}
}
