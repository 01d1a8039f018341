package bench

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/acts"
	"passerelles/outbox"
	"passerelles/posts"
	"passerelles/storage"
)

const (
	inARow = 20 // posts
	rounds = 4  // in which they go, R being measured between: a shared machine is not the same for half a minute
)

// BenchmarkOut delivers posts of a community to a thousand servers.
func BenchmarkOut(b *testing.B) {
	hosts := sized(1000, 50)
	var alone strength
	b.Run("apart", func(b *testing.B) { alone = fanOut(b, hosts, hosts, "", fmt.Sprintf("out, %d servers", hosts)) })
	b.Run("shared", func(b *testing.B) {
		fanOut(b, hosts, 10*hosts, "", fmt.Sprintf("out, %d followers on %d servers", 10*hosts, hosts))
	})
	b.Run("members", func(b *testing.B) {
		fanOut(b, hosts, 10*hosts, posts.Members, fmt.Sprintf("out, to %d members on %d servers", 10*hosts, hosts))
	})
	b.Run("trouble", func(b *testing.B) { fanOutInTrouble(b, hosts, alone) })
	b.Run("ed25519", fanOutLightly)
	b.Run("again", sendAgain)
}

// fanOut gives deliveries a second, in R.
func fanOut(b *testing.B, hosts, followers int, scope, name string) strength {
	var c *crowd
	h := newHouse(b, func(ca *authority) []*crowd { c = newCrowd(b, ca); return []*crowd{c} })
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	h.scope = scope
	h.settle(others{crowd: c, hosts: hosts, people: followers, follow: true, join: scope != ""}, key)
	cold := time.Now()
	h.publish(1)
	h.await("all have the first post", func() bool { return c.answered.Load() == int64(hosts) })
	h.idle()
	tell(name+", first contact (TLS)", fmt.Sprintf("%.0f /s", float64(hosts)/time.Since(cold).Seconds()))

	want := hosts * inARow
	counted, profiled := h.count(), h.profile("out", 8)
	r, took, spent := []strength{measureR(b, time.Second)}, time.Duration(0), ledger{}
	for range rounds {
		c.answered.Store(0)
		used, begun := h.ledger(), time.Now()
		h.publish(inARow / rounds)
		h.await("all have all posts", func() bool { return c.answered.Load() >= int64(want/rounds) })
		took, spent = took+time.Since(begun), spent.plus(h.ledger().minus(used))
		h.idle() // what goes on would make R too small
		r = append(r, measureR(b, time.Second))
	}
	counted(want)
	profiled()
	share := rates(name, want, took, spent, mean(r...), 0.70, "≥ 0.70 R")
	h.noteMemory(name)
	return share
}

// rates writes the lines of a measure of n things and gives their rate in R.
func rates(name string, n int, took time.Duration, spent ledger, r strength, wanted float64, says string) strength {
	clock := float64(n) / took.Seconds()
	share := strength{clock / r.clock, spent.could(n) / r.processor}
	report(name, fmt.Sprintf("%.0f /s = %.2f R (R %.0f); by processor time %.2f R", clock, share.clock, r.clock, share.processor),
		says, min(share.clock, share.processor) >= wanted)
	tell("  each", spent.each(n))
	return share
}

// idle waits until nothing is left to deliver to those who do not rest.
func (h *house) idle() {
	h.t.Helper()
	h.await("nothing waits", func() bool {
		return h.number(`
			SELECT count(*) FROM deliveries AS d
			WHERE NOT EXISTS (SELECT FROM host_states AS s WHERE s.host = d.host AND s.resting_until IS NOT NULL)`) == 0
	})
}

// fanOutInTrouble lets a tenth of the servers die, half of them by refusing and
// half by saying nothing, and another tenth answer in five seconds.
func fanOutInTrouble(b *testing.B, hosts int, alone strength) {
	var c, dying *crowd
	h := newHouse(b, func(ca *authority) []*crowd {
		c, dying = newCrowd(b, ca), newCrowd(b, ca)
		return []*crowd{c, dying}
	})
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	refusing, silent, slow := hosts/20, hosts/20, hosts/10
	healthy := hosts - refusing - silent - slow
	h.settle(others{crowd: dying, first: hosts, hosts: refusing, people: refusing, follow: true}, key)
	h.settle(others{crowd: c, hosts: hosts - refusing, people: hosts - refusing, follow: true}, key)
	h.publish(1)
	h.await("all have the first post", func() bool { return c.answered.Load()+dying.answered.Load() == int64(hosts) })
	h.idle()

	var well atomic.Int64
	ended := make(chan struct{})
	trouble := func(host int, _ http.ResponseWriter, r *http.Request) bool {
		switch {
		case host < silent:
			select {
			case <-r.Context().Done():
			case <-ended:
			}
			return true
		case host < silent+slow:
			select {
			case <-time.After(5 * time.Second):
			case <-ended:
			}
		default:
			well.Add(1)
		}
		return false
	}
	calm := sync.OnceFunc(func() { close(ended) })
	defer calm()
	c.handle.Store(&trouble)
	if err := dying.server.Close(); err != nil {
		b.Fatal(err)
	}
	want := healthy * inARow
	before := measureR(b, time.Second)
	used, begun, profiled := h.ledger(), time.Now(), h.profile("trouble", 8)
	h.publish(inARow)
	h.await("the healthy have all posts", func() bool { return well.Load() >= int64(want) })
	took, spent := time.Since(begun), h.ledger().minus(used)
	profiled()
	calm()
	h.idle() // what goes on would make R too small
	r := mean(before, measureR(b, time.Second))
	name := fmt.Sprintf("out, of %d servers a tenth dead, a tenth slow", hosts)
	rate := float64(want) / took.Seconds()
	byClock, byProcessor := rate/r.clock, spent.could(want)/r.processor
	report(name, fmt.Sprintf("%.0f /s to the healthy = %.2f R, %.0f %% of alone; by processor time %.2f R, %.0f %%",
		rate, byClock, 100*byClock/alone.clock, byProcessor, 100*byProcessor/alone.processor),
		"≥ 90 % of alone", min(byClock/alone.clock, byProcessor/alone.processor) >= 0.9)
	tell("  each", spent.each(want))
	h.noteMemory(name)
}

// fanOutLightly delivers to servers that verify Ed25519 and answer before they read. What
// is sent waits until all of it is written: to write it, one after the other, takes as long.
func fanOutLightly(b *testing.B) {
	const hosts = 50
	var c *crowd
	h := newHouse(b, func(ca *authority) []*crowd { c = newCrowd(b, ca); return []*crowd{c} })
	var light atomic.Int64
	unread := func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.Header.Get("Signature-Input"), `alg="ed25519"`) {
			light.Add(1)
		}
		w.WriteHeader(http.StatusAccepted)
		c.answered.Add(1)
		return true
	}
	c.handle.Store(&unread)
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	h.settle(others{crowd: c, hosts: hosts, people: hosts, follow: true}, key)
	h.publish(1)
	h.await("all have the first post", func() bool { return c.answered.Load() == hosts })
	h.idle()
	if n := h.number(`WITH told AS (UPDATE hosts SET ed25519 = true RETURNING 1) SELECT count(*) FROM told`); n < hosts {
		b.Fatalf("%d servers verify Ed25519", n)
	}
	c.answered.Store(0)
	posts := sized(30*inARow, inARow)
	h.hold()
	h.publish(posts)
	before := measureR(b, time.Second)
	h.resume()
	h.await("deliveries go on", func() bool { return c.answered.Load() > 0 })
	used, begun, profiled := h.ledger(), time.Now(), h.profile("ed25519", 3)
	want := int64(hosts*posts) - c.answered.Load()
	h.await("all have all posts", func() bool { return c.answered.Load() >= int64(hosts*posts) })
	took, spent := time.Since(begun), h.ledger().minus(used)
	profiled()
	if n := light.Load(); n < want {
		b.Errorf("%d of %d were signed with Ed25519", n, want)
	}
	r := mean(before, measureR(b, time.Second))
	rates(fmt.Sprintf("out with Ed25519, %d servers that answer unread", hosts), int(want), took, spent, r, 3, "≥ 3 R")
}

// hold keeps all deliveries back; resume lets them go.
func (h *house) hold() {
	h.t.Helper()
	err := h.inside.DB.Write(h.t.Context(), func(tx storage.Tx) error { return outbox.Hold(h.t.Context(), tx, acts.By{}, "a measure", time.Now()) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) resume() {
	h.t.Helper()
	if _, err := outbox.Resume(h.t.Context(), h.inside.DB, acts.By{}, false, time.Now()); err != nil {
		h.t.Fatal(err)
	}
}

// sendAgain lets every server answer 503 once to each post: it must get the
// same bytes again, under another signature.
func sendAgain(b *testing.B) {
	type try struct {
		body      [sha256.Size]byte
		signature string
	}
	var mu sync.Mutex
	tries := map[string][]try{} // by server and body
	refuseOnce := func(host int, w http.ResponseWriter, r *http.Request) bool {
		body, _ := io.ReadAll(r.Body) // a short one has another sum
		t := try{sha256.Sum256(body), r.Header.Get("Signature")}
		mu.Lock()
		defer mu.Unlock()
		name := fmt.Sprintf("%d %x", host, t.body)
		tries[name] = append(tries[name], t)
		if len(tries[name]) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	}
	var c *crowd
	h := newHouse(b, func(ca *authority) []*crowd { c = newCrowd(b, ca); return []*crowd{c} })
	c.handle.Store(&refuseOnce)
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	hosts, posts := 100, 3
	h.settle(others{crowd: c, hosts: hosts, people: hosts, follow: true}, key)
	begun := time.Now()
	h.publish(posts)
	h.await("all have all posts", func() bool { return c.answered.Load() == int64(hosts*posts) })
	took := time.Since(begun)
	mu.Lock()
	defer mu.Unlock()
	anew := 0
	for _, list := range tries {
		if len(list) == 2 && list[0].signature != list[1].signature {
			anew++
		}
	}
	report("out, 503 once: same bytes, signed anew", fmt.Sprintf("%d of %d, in %.1f s", anew, hosts*posts, took.Seconds()),
		"all", anew == hosts*posts && len(tries) == hosts*posts)
}
