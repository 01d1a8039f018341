package bench

import (
	"bufio"
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/federation"
)

// request is one as it goes over the wire: what the load costs must not hide
// what the server costs.
type request []byte

// caller is one kept connection.
type caller struct {
	h      *house
	socket *tls.Conn
	reader *bufio.Reader
}

func (h *house) caller() *caller {
	h.t.Helper()
	socket, err := tls.Dial("tcp", h.address, &tls.Config{RootCAs: h.roots(), NextProtos: []string{"http/1.1"}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = socket.Close() }) // nothing is in it
	return &caller{h, socket, bufio.NewReader(socket)}
}

// call sends a request and gives the status of its answer.
func (c *caller) call(r request) (int, error) {
	if _, err := c.socket.Write(r); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// closed sends all requests over some connections, each as soon as the one
// before is answered. Who is asked to wait asks again soon.
func (h *house) closed(requests []request, connections, expected int) (again int64) {
	h.t.Helper()
	var next, waited atomic.Int64
	var wg sync.WaitGroup
	for range connections {
		c := h.caller()
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(requests); i = int(next.Add(1)) - 1 {
				for {
					status, err := c.call(requests[i])
					if err == nil && status == http.StatusServiceUnavailable {
						waited.Add(1)
						time.Sleep(100 * time.Millisecond)
						continue
					}
					if err != nil || status != expected {
						h.t.Errorf("answer %d, %v to %s", status, err, requests[i][:60])
						return
					}
					break
				}
			}
		})
	}
	wg.Wait()
	return waited.Load()
}

// paced sends requests at a rate, whatever the answers, and gives how long each
// took from when it should have left.
func (h *house) paced(requests []request, rate float64, expected int) []time.Duration {
	h.t.Helper()
	took := make([]time.Duration, len(requests))
	due := make(chan int, len(requests))
	begun := time.Now()
	at := func(i int) time.Time { return begun.Add(time.Duration(float64(i) / rate * float64(time.Second))) }
	var wg sync.WaitGroup
	for range 64 {
		c := h.caller()
		wg.Go(func() {
			for i := range due {
				status, err := c.call(requests[i])
				took[i] = time.Since(at(i))
				if err != nil || status != expected && status != http.StatusServiceUnavailable {
					h.t.Errorf("answer %d, %v", status, err)
					return
				}
			}
		})
	}
	begun = time.Now()
	for i := range requests {
		time.Sleep(time.Until(at(i)))
		due <- i
	}
	close(due)
	wg.Wait()
	return took
}

func percentile(took []time.Duration, p float64) time.Duration {
	sorted := slices.Clone(took)
	slices.Sort(sorted)
	return sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]
}

// signed makes n deliveries of the others, signed beforehand: every second one
// answers a post of the list, the others begin a thread. It gives their ids.
func (h *house) signed(o others, key *rsa.PrivateKey, label string, n int, parents []string) (requests []request, iris []string) {
	h.t.Helper()
	requests, iris = make([]request, n), make([]string, n)
	now := time.Now()
	var wg sync.WaitGroup
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				who := o.person(i % o.people)
				iris[i] = fmt.Sprintf("%s/posts/%s%d", who, label, i)
				parent := ""
				if len(parents) > 0 && i%2 == 1 {
					parent = parents[i%len(parents)]
				}
				body := h.create(who, iris[i], parent, now)
				var err error
				if requests[i], err = h.post(who, body, key, now); err != nil {
					h.t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if h.t.Failed() {
		h.t.FailNow()
	}
	return requests, iris
}

// create is what Mastodon sends, but for what it repeats in other words.
func (h *house) create(who, iri, parent string, now time.Time) []byte {
	group, at := h.community.Actor.IRI, now.UTC().Format(time.RFC3339)
	reply, name := "null", `,"name":"Une scie à partager"`
	if parent != "" {
		reply, name = `"`+parent+`"`, ""
	}
	return fmt.Appendf(nil, `{"@context":["https://www.w3.org/ns/activitystreams",{"ostatus":"http://ostatus.org#","atomUri":"ostatus:atomUri","inReplyToAtomUri":"ostatus:inReplyToAtomUri","conversation":"ostatus:conversation","sensitive":"as:sensitive","toot":"http://joinmastodon.org/ns#","votersCount":"toot:votersCount"}],`+
		`"id":"%[1]s/activity","type":"Create","actor":"%[2]s","published":"%[3]s","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["%[2]s/followers","%[4]s"],`+
		`"object":{"id":"%[1]s","type":"Note"%[6]s,"summary":null,"inReplyTo":%[5]s,"published":"%[3]s","url":"%[1]s","attributedTo":"%[2]s","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["%[2]s/followers","%[4]s"],"sensitive":false,"atomUri":"%[1]s","inReplyToAtomUri":null,"conversation":"tag:example,2026:objectId=1:objectType=Conversation",`+
		`"content":"<p><span class=\"h-card\"><a href=\"%[4]s\" class=\"u-url mention\">@<span>makers</span></a></span> Samedi, apportez vos outils et ce qui est brisé. On répare ensemble, de 10 h à midi.</p><p>Un café est offert, et la salle est chauffée : <a href=\"https://atelier.example/salle\">la salle</a>.</p>",`+
		`"contentMap":{"fr":"<p><span class=\"h-card\"><a href=\"%[4]s\" class=\"u-url mention\">@<span>makers</span></a></span> Samedi, apportez vos outils et ce qui est brisé. On répare ensemble, de 10 h à midi.</p><p>Un café est offert, et la salle est chauffée : <a href=\"https://atelier.example/salle\">la salle</a>.</p>"},`+
		`"attachment":[],"tag":[{"type":"Mention","href":"%[4]s","name":"@makers"}],"replies":{"id":"%[1]s/replies","type":"Collection","first":{"type":"CollectionPage","next":"%[1]s/replies?only_other_accounts=true&page=true","partOf":"%[1]s/replies","items":[]}}}}`,
		iri, who, at, group, reply, name)
}

func (h *house) post(who string, body []byte, key *rsa.PrivateKey, now time.Time) (request, error) {
	r, err := http.NewRequest(http.MethodPost, h.origin+"/inbox", nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/activity+json")
	if err := federation.Sign(r, body, federation.PrivateKey{ID: who + "#main-key", Signer: key}, now); err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "bench")
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	var wire bytes.Buffer
	err = r.Write(&wire)
	return wire.Bytes(), err
}

func (h *house) get(iri string) request {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: application/activity+json\r\n\r\n", iri[len(h.origin):], h.address)
}

// watch samples how far applying is behind, until it is stopped.
func (h *house) watch() (stop func() (most time.Duration)) {
	done, stopped := make(chan struct{}), make(chan time.Duration)
	go func() {
		var most time.Duration
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				stopped <- most
				return
			case <-tick.C:
			}
			var due *time.Time
			err := h.inside.DB.QueryRow(h.t.Context(), `
				SELECT (SELECT r.arrived FROM inbox_queue AS q JOIN received AS r ON r.id = q.received ORDER BY q.received LIMIT 1)`).Scan(&due)
			if err == nil && due != nil {
				most = max(most, time.Since(*due))
			}
		}
	}()
	return func() time.Duration { close(done); return <-stopped }
}

// noteMemory keeps the most that the server has taken.
func (h *house) noteMemory(_ string) {
	_, most := h.memory()
	peak = max(peak, most)
}

var peak float64

// fatalIfFailed ends a measure whose load was not answered as it should.
func fatalIfFailed(t testing.TB) {
	if t.Failed() {
		t.FailNow()
	}
}
