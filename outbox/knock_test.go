package outbox

import (
	"net/http"
	"slices"
	"testing"

	"passerelles/federation"
)

// schemes tells how each request that a peer got was signed.
func (p *peer) schemes() (all []federation.Scheme) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.requests {
		scheme := federation.Cavage
		if r.Header.Get("Signature-Input") != "" {
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
