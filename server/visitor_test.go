package server

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"passerelles/fault"
)

func TestVisitor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from string
		said []string
		want string
	}{
		"nobody between":                         {"203.0.113.7:4711", nil, "203.0.113.7:4711"},
		"somebody who claims to be another":      {"203.0.113.7:4711", []string{"198.51.100.1"}, "203.0.113.7:4711"},
		"a proxy of ours":                        {"127.0.0.1:4711", []string{"198.51.100.1"}, "198.51.100.1:0"},
		"a proxy of ours, and a visitor's claim": {"[::1]:4711", []string{"10.0.0.1, 198.51.100.1"}, "198.51.100.1:0"},
		"two headers":                            {"127.0.0.1:4711", []string{"10.0.0.1", "2001:db8::1"}, "[2001:db8::1]:0"},
		"nonsense":                               {"127.0.0.1:4711", []string{"me"}, "127.0.0.1:4711"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.from
			r.Header[forwarded] = c.said
			visitor(r)
			if r.RemoteAddr != c.want {
				t.Errorf("RemoteAddr = %q, want %q", r.RemoteAddr, c.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	limited := newRefusals().limit(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	status := func(from, path string) int {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.RemoteAddr = from
		w := httptest.NewRecorder()
		limited(w, r)
		return w.Code
	}
	for range 10 * refusalsAtOnce {
		if got := status("203.0.113.7:1", "/good"); got != http.StatusAccepted {
			t.Fatalf("a good sender is answered %d, want 202 however often", got)
		}
	}
	for i := range refusalsAtOnce {
		if got := status("203.0.113.7:1", "/bad"); got != http.StatusUnauthorized {
			t.Fatalf("refusal %d: %d, want 401", i, got)
		}
	}
	if got := status("203.0.113.7:1", "/bad"); got != http.StatusTooManyRequests {
		t.Errorf("past the limit: %d, want 429", got)
	}
	if got := status("203.0.113.8:1", "/good"); got != http.StatusAccepted {
		t.Errorf("somebody else: %d, want 202", got)
	}
	for i := range refusalsAtOnce {
		status(fmt.Sprintf("[2001:db8::%x]:1", i+1), "/bad")
	}
	if got := status("[2001:db8::ffff]:1", "/bad"); got != http.StatusTooManyRequests {
		t.Errorf("another address of the same household: %d, want 429", got)
	}
	if got := status("[2001:db8:0:1::1]:1", "/bad"); got != http.StatusUnauthorized {
		t.Errorf("the household next door: %d, want 401", got)
	}
}

// TestDebtEnds: however many keys were asked for in vain at once, whoever named them need not
// wait longer than they are told.
func TestDebtEnds(t *testing.T) {
	t.Parallel()
	f := newRefusals()
	r := httptest.NewRequest(http.MethodPost, "/inbox", nil)
	for range 200 {
		f.vain(r)
	}
	known, _ := f.senders.GetIfPresent(senderOf(r))
	wait := time.Duration((1 - known.Tokens()) * float64(refusalsEach))
	told, err := strconv.Atoi(fault.RetryAfter(f.patient(r)))
	if err != nil || wait > time.Duration(told+1)*time.Second {
		t.Errorf("they wait %v and are told %d s (%v)", wait, told, err)
	}
}
