package bench

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// BenchmarkDocuments shows a community and a post to whoever asks.
func BenchmarkDocuments(b *testing.B) {
	h := newHouse(b, nil)
	h.publish(1)
	post := h.inside.IRIs.Post(h.number(`SELECT max(id) FROM posts`))
	load := make([]request, sized(20_000, 2000))
	for i := range load {
		load[i] = h.get([]string{h.community.Actor.IRI, post}[i%2])
	}
	h.closed(load[:len(load)/10], 32, http.StatusOK)
	fatalIfFailed(b)
	before := measureR(b, time.Second)
	used, begun, profiled := h.ledger(), time.Now(), h.profile("documents", 4)
	h.closed(load, 32, http.StatusOK)
	took, spent := time.Since(begun), h.ledger().minus(used)
	profiled()
	fatalIfFailed(b)
	rates("documents", len(load), took, spent, mean(before, measureR(b, time.Second)), 2.5, "≥ 2.5 R")
	h.noteMemory("documents")
}

// BenchmarkWaiting lets a hundred thousand deliveries wait for a server that is
// dead, and asks what that costs Redis. At rest, it reads the server's memory.
func BenchmarkWaiting(b *testing.B) {
	var c *crowd
	h := newHouse(b, func(ca *authority) []*crowd { c = newCrowd(b, ca); return []*crowd{c} })
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.server.Close(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(5 * time.Second) // at rest
	now, _ := h.memory()
	report("memory of the server at rest", fmt.Sprintf("%.0f MiB", now), "≤ 64 MiB", now <= 64)

	h.settle(others{crowd: c, hosts: 1, people: 1, follow: true}, key)
	used := func() int {
		n, err := strconv.Atoi(h.info("used_memory"))
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	before, waiting := used(), sized(100_000, 10_000)
	h.exec(`
		WITH sent AS (
			INSERT INTO activities (iri, actor, type, body, listed, published)
			SELECT $1 || '/activities/' || n, $2, 'Announce', '{}', false, $3 FROM generate_series(1, $4::int) AS n
			RETURNING id)
		INSERT INTO deliveries (host, activity, inbox, slot)
		SELECT i.host, s.id, i.id, s.id % 64 FROM sent AS s, inboxes AS i`,
		h.origin, h.community.Actor.ID, time.Now().UTC(), waiting)
	most := 0
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		most = max(most, used()-before)
	}
	left := h.number(`SELECT count(*) FROM deliveries`)
	if left != int64(waiting) || h.number(`SELECT count(*) FROM host_states WHERE failures > 0`) != 1 {
		b.Errorf("%d of %d wait for a host that should rest", left, waiting)
	}
	report(fmt.Sprintf("Redis while %d deliveries wait for a dead server", waiting),
		fmt.Sprintf("%+.2f MiB", float64(most)/(1<<20)), "≤ 1 MiB", most <= 1<<20)
	h.noteMemory("waiting")
}

// BenchmarkZMemory comes last: it tells the most that the measures above took.
func BenchmarkZMemory(*testing.B) {
	if peak > 0 {
		report("memory of the server under load, at most", fmt.Sprintf("%.0f MiB", peak), "≤ 256 MiB", peak <= 256)
	}
}
