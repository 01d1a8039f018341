package bench

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkJunk receives posts at half the rate at which it can, and beside them as many
// requests that are worth nothing, from sixty-four addresses: unsigned ones, ones that
// claim a key which did not sign them, ones whose key is not to be had, and ones that are
// too large.
func BenchmarkJunk(b *testing.B) {
	var c *crowd
	h := newHouse(b, func(ca *authority) []*crowd { c = newCrowd(b, ca); return []*crowd{c} })
	nobody := func(_ int, w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			http.NotFound(w, r) // whose key one asks for
			return true
		}
		return false
	}
	c.handle.Store(&nobody)
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	writers := others{crowd: c, hosts: 200, people: 1000, write: true, resting: true}
	h.settle(writers, key)
	first, parents := h.signed(writers, key, "first", sized(2000, 1000), nil)
	h.closed(first, 32, http.StatusAccepted)
	fatalIfFailed(b)
	h.applied(len(first))
	h.exec("ANALYZE")

	n := sized(8000, 1000)
	load, _ := h.signed(writers, key, "m", n, parents)
	begun := time.Now()
	h.closed(load, 32, http.StatusAccepted)
	fatalIfFailed(b)
	h.applied(len(first) + n)
	rate := float64(n) / time.Since(begun).Seconds() / 2

	n = sized(10_000, 1000)
	valid, _ := h.signed(writers, key, "p", n, parents)
	junk := h.junk(writers, n)
	before := h.number(`SELECT count(*) FROM received`)
	answered := make(chan map[string]int, 1)
	lag := h.watch()
	go func() { answered <- h.pour(junk, rate) }()
	profiled, used := h.profile("junk", 4), h.ledger()
	took := h.paced(valid, rate, http.StatusAccepted)
	spent := h.ledger().minus(used)
	profiled()
	time.Sleep(2 * time.Second) // what is not applied by then is late
	inTime := h.number(`SELECT count(*) FROM received`) - before - h.number(`SELECT count(*) FROM inbox_queue`)
	behind, statuses := lag(), <-answered
	fatalIfFailed(b)
	share := float64(inTime) / float64(n)
	report(fmt.Sprintf("in, %.0f /s beside as much junk: applied in time", rate), fmt.Sprintf("%.1f %% (farthest behind %.2f s)", 100*share, behind.Seconds()),
		"≥ 80 %", share >= 0.8)
	p95 := percentile(took, 0.95)
	report("  202 beside junk, p95", fmt.Sprintf("%.1f ms (median %.1f ms, p99 %.1f ms)", ms(p95), ms(percentile(took, 0.5)), ms(percentile(took, 0.99))),
		"≤ 200 ms", p95 <= 200*time.Millisecond)
	tell("  each with its junk", spent.each(n))
	tell("  junk was answered", said(statuses))
	if statuses["202"] > 0 {
		b.Errorf("%d of the junk were taken", statuses["202"])
	}
}

func said(statuses map[string]int) string {
	var list []string
	for status, n := range statuses {
		list = append(list, fmt.Sprintf("%s: %d", status, n))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// junk makes n requests that are worth nothing, of four kinds in turn.
func (h *house) junk(o others, n int) []request {
	h.t.Helper()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		h.t.Fatal(err)
	}
	strangers := others{crowd: o.crowd, first: 500, hosts: 50, people: n}
	now := time.Now()
	all := make([]request, n)
	for i := range all {
		who := o.person(i % o.people)
		if i%4 == 2 {
			who = strangers.person(i)
		}
		body := h.create(who, fmt.Sprintf("%s/posts/junk%d", who, i), "", now)
		if all[i], err = h.post(who, body, other, now); err != nil {
			h.t.Fatal(err)
		}
		switch i % 4 {
		case 0:
			all[i] = request(strings.Replace(string(all[i]), "\r\nSignature: ", "\r\nX-Signature: ", 1))
		case 3:
			length := fmt.Sprintf("\r\nContent-Length: %d", len(body))
			all[i] = request(strings.Replace(string(all[i]), length, "\r\nContent-Length: 2097152", 1))
		}
	}
	return all
}

// pour sends requests at a rate from many addresses and counts the answers.
func (h *house) pour(requests []request, rate float64) map[string]int {
	due := make(chan int, len(requests))
	statuses := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 64 {
		p := &pest{house: h, address: net.IPv4(127, 200, byte(i), 1)}
		wg.Go(func() {
			defer p.hangUp()
			for i := range due {
				status := p.call(requests[i])
				mu.Lock()
				statuses[status]++
				mu.Unlock()
			}
		})
	}
	begun := time.Now()
	for i := range requests {
		time.Sleep(time.Until(begun.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		due <- i
	}
	close(due)
	wg.Wait()
	return statuses
}

// pest sends from one address, and calls again when it is hung up on.
type pest struct {
	*house
	address net.IP
	socket  *tls.Conn
	reader  *bufio.Reader
}

func (p *pest) hangUp() {
	if p.socket != nil {
		_ = p.socket.Close() // nothing is in it
		p.socket = nil
	}
}

// call gives the status of the answer, or why there is none.
func (p *pest) call(r request) string {
	if p.socket == nil {
		dialer := &tls.Dialer{NetDialer: &net.Dialer{LocalAddr: &net.TCPAddr{IP: p.address}, Timeout: patience},
			Config: &tls.Config{RootCAs: p.roots(), NextProtos: []string{"http/1.1"}}}
		socket, err := dialer.DialContext(p.t.Context(), "tcp", p.house.address)
		if err != nil {
			return "no connection"
		}
		p.socket = socket.(*tls.Conn)
		p.reader = bufio.NewReader(p.socket)
	}
	if _, err := p.socket.Write(r); err != nil {
		p.hangUp()
		return "cut"
	}
	response, err := http.ReadResponse(p.reader, nil)
	if err != nil {
		p.hangUp()
		return "cut"
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err != nil || response.Close {
		p.hangUp()
	}
	return fmt.Sprint(response.StatusCode)
}
