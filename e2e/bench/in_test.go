package bench

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// BenchmarkIn receives posts and replies from two hundred servers, for a
// community whose thousand followers are on twenty others. What it announces to
// them is recorded within the measure and leaves after it.
func BenchmarkIn(b *testing.B) {
	var c *crowd
	h := newHouse(b, func(ca *authority) []*crowd { c = newCrowd(b, ca); return []*crowd{c} })
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	h.settle(others{crowd: c, first: 1000, hosts: 20, people: 1000, follow: true, resting: true}, key)
	writers := others{crowd: c, hosts: 200, people: 1000, write: true, resting: true} // their answers wait too
	h.settle(writers, key)
	first, parents := h.signed(writers, key, "first", sized(2000, 1000), nil) // to warm every connection
	h.closed(first, 32, http.StatusAccepted)
	fatalIfFailed(b)
	h.applied(len(first))
	h.exec("ANALYZE")

	n := sized(20_000, 2000)
	load, _ := h.signed(writers, key, "m", n, parents)
	before := measureR(b, time.Second)
	counted := h.count()
	used, begun, profiled, lag := h.ledger(), time.Now(), h.profile("in", 8), h.watch()
	again := h.closed(load, 32, http.StatusAccepted)
	sent := time.Since(begun)
	fatalIfFailed(b)
	h.applied(len(first) + n)
	took, spent, behind := time.Since(begun), h.ledger().minus(used), lag()
	counted(n)
	profiled()
	r := mean(before, measureR(b, time.Second))
	rates("in, posts and replies applied", n, took, spent, r, 0.75, "≥ 0.75 R, aim 1.5 R")
	if got := h.number(`SELECT count(*) FROM received WHERE outcome <> 'applied'`); got > 0 {
		b.Errorf("%d were not applied", got)
	}
	tell("  announces recorded", fmt.Sprintf("%d deliveries; 202 given at %.0f /s, %d asked to wait", h.number(`SELECT count(*) FROM deliveries`), float64(n)/sent.Seconds(), again))
	report("  farthest behind", fmt.Sprintf("%.2f s", behind.Seconds()), "≤ 2 s", behind <= 2*time.Second)

	rate := float64(n) / took.Seconds() / 2
	paced, _ := h.signed(writers, key, "p", sized(5000, 500), parents)
	answers := h.paced(paced, rate, http.StatusAccepted)
	fatalIfFailed(b)
	p95 := percentile(answers, 0.95)
	report("  202 at half that rate, p95", fmt.Sprintf("%.1f ms at %.0f /s (median %.1f ms, p99 %.1f ms)",
		ms(p95), rate, ms(percentile(answers, 0.5)), ms(percentile(answers, 0.99))), "≤ 50 ms", p95 <= 50*time.Millisecond)
	h.noteMemory("in")
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// applied waits until so many activities have been dealt with.
func (h *house) applied(n int) {
	h.t.Helper()
	h.await("all is applied", func() bool {
		time.Sleep(20 * time.Millisecond)
		return h.number(`SELECT count(*) FROM (SELECT FROM inbox_queue LIMIT 1) AS q`) == 0 &&
			h.number(`SELECT count(*) FROM received`) >= int64(n)
	})
}
