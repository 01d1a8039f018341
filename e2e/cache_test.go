package e2e

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// cache is a proxy that keeps answers as RFC 9111 allows whoever stands between many
// readers and a server, and for a minute where nothing says for how long.
type cache struct {
	behind http.Handler

	mu   sync.Mutex
	late time.Duration // how much later it is to it than to us
	kept map[string][]*kept
	hits int
	rash []string // what should never have been left to it
}

// kept is an answer, and what the request said of that by which it varies.
type kept struct {
	varies map[string]string
	until  time.Time
	answer *httptest.ResponseRecorder
}

const keptFor = time.Minute

// newCache stands before a server, at its public address.
func newCache(t *testing.T, s *town, behind string) *cache {
	t.Helper()
	c := &cache{kept: map[string][]*kept{}}
	c.behind = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: behind})
			r.Out.Host = r.In.Host
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	certificate, key, _ := certify(t, t.TempDir())
	pair, err := tls.LoadX509KeyPair(certificate, key)
	must(t, err)
	listener, err := net.Listen("tcp", s.host)
	must(t, err)
	site := &http.Server{Handler: c, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan error, 1)
	go func() {
		done <- site.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}))
	}()
	t.Cleanup(func() {
		_ = site.Close() // nothing is lost that a test still wants
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return c
}

func (c *cache) now() time.Time { return time.Now().Add(c.late) }

// later lets time pass for the cache alone.
func (c *cache) later(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.late += by
}

func (c *cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		c.behind.ServeHTTP(w, r)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock() // one after the other: what one brings the next is shown
	address := r.URL.RequestURI()
	i := slices.IndexFunc(c.kept[address], func(k *kept) bool { return k.suits(r) && c.now().Before(k.until) })
	var answer *httptest.ResponseRecorder
	if i >= 0 {
		answer = c.kept[address][i].answer
		c.hits++
	} else {
		answer = httptest.NewRecorder()
		c.behind.ServeHTTP(answer, r)
		c.keep(address, r, answer)
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // fails only if who asked has gone
}

func (k *kept) suits(r *http.Request) bool {
	for name, value := range k.varies {
		if strings.Join(r.Header.Values(name), ",") != value {
			return false
		}
	}
	return true
}

// keep keeps an answer that may be shown to others too.
func (c *cache) keep(address string, r *http.Request, a *httptest.ResponseRecorder) {
	rules := directives(a.Header())
	_, private := rules["private"]
	_, noStore := rules["no-store"]
	_, noCache := rules["no-cache"]
	_, public := rules["public"]
	if private || noStore || noCache || r.Header.Get("Authorization") != "" && !public {
		return
	}
	lasts := keptFor
	for _, rule := range []string{"max-age", "s-maxage"} {
		if seconds, err := strconv.Atoi(rules[rule]); err == nil {
			lasts = time.Duration(seconds) * time.Second
		}
	}
	k := &kept{varies: map[string]string{}, until: c.now().Add(lasts), answer: a}
	for _, name := range strings.Split(strings.Join(a.Header().Values("Vary"), ","), ",") {
		switch name = strings.TrimSpace(name); name {
		case "*":
			return
		case "":
		default:
			k.varies[name] = strings.Join(r.Header.Values(name), ",")
		}
	}
	if a.Header().Get("Set-Cookie") != "" {
		c.rash = append(c.rash, address+" sets a cookie for everybody")
	}
	c.kept[address] = append(c.kept[address], k)
}

func directives(h http.Header) map[string]string {
	rules := map[string]string{}
	for _, rule := range strings.Split(strings.Join(h.Values("Cache-Control"), ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(rule), "=")
		rules[strings.ToLower(name)] = value
	}
	return rules
}
