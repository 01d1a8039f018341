package federation

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/fault"
)

// peer is another server, scripted by path; it records what it was asked.
type peer struct {
	*httptest.Server
	t     testing.TB
	pages map[string]http.HandlerFunc
	mu    sync.Mutex
	asked []*http.Request
}

func newPeer(t testing.TB, network string) *peer {
	t.Helper()
	p := &peer{t: t, pages: map[string]http.HandlerFunc{}}
	p.Server = serve(t, network, p)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r)
	page := p.pages[r.URL.Path]
	p.mu.Unlock()
	if page == nil {
		http.NotFound(w, r)
		return
	}
	page(w, r)
}

// requests gives what was asked since the last time, as method and target.
func (p *peer) requests() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

// says answers a document; URL stands for the peer's own origin.
func (p *peer) says(path, document string) {
	p.saysAs(path, activityJSON, strings.ReplaceAll(document, "URL", p.URL))
}

func (p *peer) saysAs(path, contentType, body string) {
	p.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, body) // the asker sees what is missing
	}
}

func (p *peer) redirects(path, to string, status int) {
	p.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(status)
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp4", "tcp6"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, network)
			p.says("/u/1", `{"id":"URL/u/1"}`)
			c := clientFor(t, nil, p.Server)
			got, err := c.Fetch(t.Context(), p.URL+"/u/1?a=b#part")
			if err != nil || string(got.Body) != `{"id":"`+p.URL+`/u/1"}` || got.URL != p.URL+"/u/1?a=b" {
				t.Errorf("got %+v, %v", got, err)
			}
			r := p.requests()[0]
			if s, err := Verify(r, nil, eveKey().Public(), noon); err != nil || s.KeyID != eveKeyID {
				t.Errorf("its signature: %+v, %v", s, err)
			}
			if r.ProtoMajor != 1 || r.UserAgent() != "Passerelles-test" || !strings.Contains(r.Header.Get("Accept"), activityJSON) {
				t.Errorf("asked %s with %v", r.Proto, r.Header)
			}
		})
	}
}

func TestFetchUnsigned(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	p.says("/u/1", `{}`)
	c := clientFor(t, func(o *Options) { o.SignAs = nil }, p.Server)
	if _, err := c.Fetch(t.Context(), p.URL+"/u/1"); err != nil {
		t.Fatal(err)
	}
	if s := p.requests()[0].Header["Signature"]; s != nil {
		t.Errorf("Signature = %v", s)
	}
}

func TestFetchContentTypes(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	for contentType, want := range map[string]bool{
		"application/activity+json":                true,
		"Application/Activity+JSON; charset=utf-8": true,
		linkedJSON:                     true,
		linkedJSON + "; charset=utf-8": true,
		`application/ld+json; profile="x ` + activityStreams:                       false, // the quote is open
		`application/ld+json;profile="https://w3id.org/x ` + activityStreams + `"`: true,
		"application/ld+json":                       false,
		`application/ld+json; profile="https://x/"`: false,
		"application/json":                          false,
		"text/html":                                 false,
		"text/plain":                                false,
		"application/octet-stream":                  false,
		"application/activity+json, text/html":      false,
		"":                                          false,
	} {
		p.saysAs("/x", contentType, "{}")
		if _, err := c.Fetch(t.Context(), p.URL+"/x"); (err == nil) != want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, want accepted %v", contentType, err, want)
		}
	}
}

func TestFetchStatuses(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	for status, want := range map[int]fault.Kind{
		401: fault.Forbidden, 403: fault.Forbidden, 404: fault.NotFound, 410: fault.Gone,
		400: fault.Unavailable, 429: fault.Unavailable, 500: fault.Unavailable, 503: fault.Unavailable,
		204: fault.Unavailable, 302: fault.Unavailable, 304: fault.Unavailable,
	} {
		p.pages["/x"] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", activityJSON)
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
		}
		_, err := c.Fetch(t.Context(), p.URL+"/x")
		if !fault.Is(err, want) {
			t.Errorf("%d: %v, want kind %d", status, err, want)
		}
		if want == fault.Unavailable && fault.After(err) != 7*time.Second {
			t.Errorf("%d: after %v, want 7s", status, fault.After(err))
		}
	}
}

func TestFetchSizes(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	p.saysAs("/exact", activityJSON, strings.Repeat(" ", maxDocument))
	if got, err := c.Fetch(t.Context(), p.URL+"/exact"); err != nil || len(got.Body) != maxDocument {
		t.Errorf("1 MiB: %d bytes, %v", len(got.Body), err)
	}
	p.saysAs("/over", activityJSON, strings.Repeat(" ", maxDocument+1))
	if _, err := c.Fetch(t.Context(), p.URL+"/over"); !fault.Is(err, fault.Invalid) {
		t.Errorf("1 MiB and 1: %v, want invalid", err)
	}
	var written atomic.Int64
	p.pages["/bomb"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", activityJSON)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		zeros := make([]byte, 1<<20)
		for range 256 {
			n, err := z.Write(zeros)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
		_ = z.Close() // the asker has gone
	}
	if _, err := c.Fetch(t.Context(), p.URL+"/bomb"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a bomb: %v, want invalid", err)
	}
	p.pages["/zipped"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", activityJSON)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, "{}") // the asker sees what is missing
		_ = z.Close()
	}
	if got, err := c.Fetch(t.Context(), p.URL+"/zipped"); err != nil || string(got.Body) != "{}" {
		t.Errorf("twin: %q, %v", got.Body, err)
	}
}

func TestFetchIsKilled(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	c.patience = 150 * time.Millisecond
	p.pages["/drip"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", activityJSON)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-r.Context().Done():
				return
			case <-tick.C:
				if _, err := io.WriteString(w, " "); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			}
		}
	}
	p.pages["/silent"] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, path := range []string{"/drip", "/silent"} {
		if _, err := c.Fetch(t.Context(), p.URL+path); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v, want unavailable", path, err)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Fetch(stopped, p.URL+"/silent"); !errors.Is(err, context.Canceled) || fault.Is(err, fault.Unavailable) {
		t.Errorf("stopped: %v, want no word against the peer", err)
	}
}

func TestFetchRedirects(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "tcp4"), newPeer(t, "tcp6")
	c := clientFor(t, nil, p.Server, q.Server)
	q.says("/end", `{}`)
	t.Run("each hop is signed anew", func(t *testing.T) {
		for _, status := range []int{301, 302, 303, 307, 308} {
			p.redirects("/start", q.URL+"/end?x=1", status)
			got, err := c.Fetch(t.Context(), p.URL+"/start")
			if err != nil || got.URL != q.URL+"/end?x=1" {
				t.Errorf("%d: %+v, %v", status, got, err)
			}
			first, second := p.requests()[0], q.requests()[0]
			if _, err := Verify(second, nil, eveKey().Public(), noon); err != nil {
				t.Errorf("%d: the second signature: %v", status, err)
			}
			if first.Header.Get("Signature") == second.Header.Get("Signature") || len(second.Header["Signature"]) != 1 {
				t.Errorf("%d: the old signature was carried over", status)
			}
			for _, header := range []string{"Authorization", "Cookie", "Referer"} {
				if second.Header.Get(header) != "" {
					t.Errorf("%d: %s is sent", status, header)
				}
			}
		}
	})
	t.Run("at most three", func(t *testing.T) {
		for i := range 60 {
			p.redirects("/"+strconv.Itoa(i), "/"+strconv.Itoa(i+1), 302)
		}
		p.says("/3", `{}`)
		if _, err := c.Fetch(t.Context(), p.URL+"/0"); err != nil {
			t.Errorf("three: %v", err)
		}
		p.redirects("/3", "/4", 302)
		p.requests()
		_, err := c.Fetch(t.Context(), p.URL+"/0")
		if n := len(p.requests()); !fault.Is(err, fault.Unavailable) || n != maxHops+1 {
			t.Errorf("fifty: %d requests, %v", n, err)
		}
		p.redirects("/loop", "/loop", 302)
		if _, err := c.Fetch(t.Context(), p.URL+"/loop"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a loop: %v", err)
		}
	})
	t.Run("not to everywhere", func(t *testing.T) {
		for _, to := range []string{
			"file:///etc/passwd", "gopher://x.example/", "ftp://x.example/", "unix:/run/x", "data:,x", "jar:x",
			strings.Replace(q.URL, "https", "http", 1) + "/end", "https://ours.example/secret",
			"https://a@x.example/", "https://x.example./", `https:\\x.example`, "https://2130706433/",
		} {
			p.redirects("/start", to, 302)
			if _, err := c.Fetch(t.Context(), p.URL+"/start"); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v, want invalid", to, err)
			}
		}
	})
	if n := len(q.requests()); n != 0 {
		t.Errorf("%d requests went where they should not", n)
	}
}

func TestFetchRetriesWithoutTheQuery(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	p.pages["/outbox"] = func(w http.ResponseWriter, r *http.Request) {
		r.RequestURI = "/outbox" // this peer knows paths only
		if _, err := Verify(r, nil, eveKey().Public(), noon); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", activityJSON)
		_, _ = fmt.Fprintf(w, `{"page":%q}`, r.URL.Query().Get("page")) // checked below
	}
	got, err := c.Fetch(t.Context(), p.URL+"/outbox?page=1")
	if err != nil || string(got.Body) != `{"page":"1"}` || len(p.requests()) != 2 {
		t.Errorf("got %s, %v", got.Body, err)
	}
	p.pages["/no"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	if _, err := c.Fetch(t.Context(), p.URL+"/no?page=1"); !fault.Is(err, fault.Forbidden) || len(p.requests()) != 3 {
		t.Errorf("twin: %v", err)
	}
	if _, err := c.Fetch(t.Context(), p.URL+"/no"); !fault.Is(err, fault.Forbidden) || len(p.requests()) != 2 {
		t.Errorf("without query: %v", err)
	}
}

func TestFetchObject(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "tcp4"), newPeer(t, "tcp6")
	c := clientFor(t, nil, p.Server, q.Server)
	p.says("/n/1", `{"id":"URL/n/1"}`)
	p.says("/n/2", `{"id":"URL/n/1"}`)
	p.says("/n/3", `{"id":"URL/n/2"}`)
	p.says("/n/4", `{"id":"`+q.URL+`/n/9","forged":true}`)
	p.says("/n/5", `{"id":"`+q.URL+`/none"}`)
	p.says("/n/6", `{"id":"https://ours.example/n/1"}`)
	p.says("/n/7", `{"type":"Note"}`)
	p.says("/n/8", `{"id":"URL/n/8","id":"`+q.URL+`/n/9"}`)
	p.says("/n/9", `{"id":["URL/n/9"]}`)
	p.says("/n/10", `[`)
	p.says("/n/11", `{"ID":"`+q.URL+`/n/9","id":"URL/n/11"}`)
	p.redirects("/n/12", "/n/1", 302)
	p.redirects("/n/13", q.URL+"/forged", 302)
	p.redirects("/n/14", q.URL+"/n/9", 302)
	q.says("/n/9", `{"id":"URL/n/9"}`)
	q.says("/forged", `{"id":"`+p.URL+`/n/13"}`)
	for path, want := range map[string]struct {
		id   string
		kind fault.Kind
	}{
		"/n/1":       {id: p.URL + "/n/1"},
		"/n/1#part":  {id: p.URL + "/n/1"},
		"/n/2":       {id: p.URL + "/n/1"}, // ID-02
		"/n/3":       {kind: fault.Invalid},
		"/n/4":       {id: q.URL + "/n/9"}, // ID-01: what q says of it
		"/n/5":       {kind: fault.NotFound},
		"/n/6":       {kind: fault.Invalid}, // SS-17
		"/n/7":       {kind: fault.Invalid},
		"/n/8":       {kind: fault.Invalid},
		"/n/9":       {kind: fault.Invalid},
		"/n/10":      {kind: fault.Invalid},
		"/n/11":      {id: p.URL + "/n/11"},
		"/n/12":      {id: p.URL + "/n/1"},
		"/n/13":      {kind: fault.Invalid}, // ID-03: another server speaks in the name of this one
		"/n/14":      {id: q.URL + "/n/9"},
		"/n/missing": {kind: fault.NotFound},
	} {
		got, err := c.FetchObject(t.Context(), p.URL+path)
		if got.ID != want.id || fault.KindOf(err) != want.kind || (err == nil) != (want.id != "") {
			t.Errorf("%s: %+v, %v, want %+v", path, got, err, want)
		}
		if strings.Contains(string(got.Body), "forged") || err == nil && !SameOrigin(got.URL, got.ID) {
			t.Errorf("%s: got %s from %s", path, got.Body, got.URL)
		}
	}
}

func TestOurselvesAreNotFetched(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	p.says("/x", `{"id":"URL/x"}`)
	c := clientFor(t, func(o *Options) { o.Origin = p.URL }, p.Server)
	_, err := c.FetchObject(t.Context(), strings.ToUpper(p.URL[:8])+p.URL[8:]+"/x")
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("fetch: %v, want invalid", err)
	}
	if _, err := c.Post(t.Context(), p.URL+"/inbox", nil, eve()); causeOf(err) != Refused {
		t.Errorf("post: %v, want refused", err)
	}
	if n := len(p.requests()); n != 0 {
		t.Errorf("%d requests to ourselves", n)
	}
}

func TestAllowedIsAskedForEachAddress(t *testing.T) {
	t.Parallel()
	p, q := newPeer(t, "tcp4"), newPeer(t, "tcp6")
	blocked := fault.New(fault.Forbidden, "we do not talk to this server")
	c := clientFor(t, func(o *Options) {
		o.Allowed = func(_ context.Context, host string) error {
			if host == Host(q.URL) {
				return blocked
			}
			return nil
		}
	}, p.Server, q.Server)
	p.redirects("/start", q.URL+"/end", 302)
	p.says("/ok", `{}`)
	q.says("/end", `{}`)
	if _, err := c.Fetch(t.Context(), p.URL+"/ok"); err != nil {
		t.Errorf("twin: %v", err)
	}
	for _, iri := range []string{p.URL + "/start", q.URL + "/end"} {
		if _, err := c.Fetch(t.Context(), iri); !errors.Is(err, blocked) {
			t.Errorf("%s: %v, want %v", iri, err, blocked)
		}
	}
	if _, err := c.Post(t.Context(), q.URL+"/inbox", nil, eve()); causeOf(err) != Refused || !errors.Is(err, blocked) {
		t.Errorf("post: %v, want refused", err)
	}
	if n := len(q.requests()); n != 0 {
		t.Errorf("%d requests to a server that we do not talk to", n)
	}
}
