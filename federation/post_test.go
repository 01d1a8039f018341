package federation

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestPost(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp4", "tcp6"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			server := serve(t, network, verifying(eveKey().Public()))
			c := clientFor(t, nil, server)
			for _, target := range []string{"/inbox", "/inbox?author=1", "/inbox?", "/users/caf%C3%A9/inbox", "/c/a%2Fb", "//x/./inbox", "/é"} {
				got, err := c.Post(t.Context(), server.URL+target, []byte(`{"type":"Create"}`), eve())
				if err != nil || got.Status != http.StatusAccepted {
					t.Errorf("%s: %+v, %v", target, got, err)
				}
			}
		})
	}
}

func TestPostAnswers(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	for _, want := range []Answer{
		{Status: 200}, {Status: 202}, {Status: 301}, {Status: 307}, {Status: 400}, {Status: 401}, {Status: 410}, {Status: 500},
		{Status: 429, RetryAfter: 90 * time.Second}, {Status: 503, RetryAfter: time.Hour},
	} {
		p.pages["/inbox"] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			switch want.Status {
			case 429:
				w.Header().Set("Retry-After", "90")
			case 503:
				w.Header().Set("Retry-After", noon.Add(time.Hour).Format(http.TimeFormat))
			}
			w.WriteHeader(want.Status)
		}
		got, err := c.Post(t.Context(), p.URL+"/inbox", []byte("{}"), eve())
		if got.Took <= 0 {
			t.Errorf("%d took %v", want.Status, got.Took)
		}
		if got.Took = 0; err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	for _, r := range p.requests() {
		if r.URL.Path != "/inbox" || r.Header.Get("Content-Type") != activityJSON {
			t.Errorf("sent to %s with %v", r.URL, r.Header)
		}
	}
}

func TestPostReason(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	for body, want := range map[string]string{
		"":                                  "",
		"no\r\n\tmore\x1b[31m\u202e \xff":   "no more [31m",
		strings.Repeat("é", 5000):           strings.Repeat("é", 100),
		"a" + strings.Repeat("é", 5000):     "a" + strings.Repeat("é", 99),
		"<html>\n<title>Gone</title></html": "<html> <title>Gone</title></html",
	} {
		p.saysAs("/inbox", "text/plain", body)
		got, err := c.Post(t.Context(), p.URL+"/inbox", []byte("{}"), eve())
		if err != nil || got.Body != want {
			t.Errorf("got %q, %v, want %q", got.Body, err, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "5": 5 * time.Second, "-5": 0, "x": 0, "1.5": 0, "2147483647": maxAfter, "99999999999999999999": 0,
		noon.Add(time.Minute).Format(http.TimeFormat): time.Minute, noon.Add(-time.Minute).Format(http.TimeFormat): 0,
		"Fri, 31 Dec 9999 23:59:59 GMT": maxAfter,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, noon); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestPostUnreached(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	hangsUp := listen(t, func(conn net.Conn) { conn.Close() })
	p.pages["/cut"] = func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) }
	script := &names{script: map[string][]string{"unknown-issuer.example": {"127.0.0.1"}}}
	c := clientFor(t, func(o *Options) {
		o.Resolver = script.resolver(t)
		o.AllowPorts = append(o.AllowPorts, netip.MustParseAddrPort(hangsUp).Port())
	}, p.Server, plain, closed)
	_, port, _ := net.SplitHostPort(p.Listener.Addr().String())
	for inbox, want := range map[string]Cause{
		"https://localhost:6379/inbox":                      Refused,
		"https://10.0.0.1/inbox":                            Refused,
		"http://127.0.0.1/inbox":                            Refused,
		"not an address":                                    Refused,
		"https://ours.example/inbox":                        Refused,
		"https://nobody.example/inbox":                      NoName,
		strings.Replace(closed.URL, "http", "https", 1):     NoDial,
		strings.Replace(plain.URL, "http", "https", 1):      NoTLS,
		"https://unknown-issuer.example:" + port + "/inbox": NoTLS,
		"https://" + hangsUp + "/inbox":                     Broken,
		p.URL + "/cut":                                      Broken,
	} {
		got, err := c.Post(t.Context(), inbox, []byte("{}"), eve())
		var u *Unreached
		if !errors.As(err, &u) || u.Cause != want || u.Inbox != inbox || got != (Answer{}) {
			t.Errorf("%s: %+v, %v, want cause %s", inbox, got, err, want)
		}
	}
}

func listen(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
		}
	})
	return l.Addr().String()
}

func TestPostEnds(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	p.pages["/silent"] = func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // over HTTP/1.1 a server sees us leave only once it has read all
		<-r.Context().Done()
	}
	p.pages["/drip"] = func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusAccepted)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	c.patience = 150 * time.Millisecond
	if _, err := c.Post(t.Context(), p.URL+"/silent", nil, eve()); causeOf(err) != Slow {
		t.Errorf("silence: %v, want slow", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var u *Unreached
	if _, err := c.Post(ctx, p.URL+"/silent", nil, eve()); !errors.Is(err, context.Canceled) || errors.As(err, &u) {
		t.Errorf("stopped: %v, want no word against the peer", err)
	}
	if got, err := c.Post(t.Context(), p.URL+"/drip", nil, eve()); err != nil || got.Status != http.StatusAccepted {
		t.Errorf("an answer without end is an answer: %+v, %v", got, err)
	}
	var sent atomic.Int64
	p.pages["/flood"] = func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for part := make([]byte, 64<<10); ; {
			n, err := w.Write(part)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}
	c.patience = time.Minute
	if got, err := c.Post(t.Context(), p.URL+"/flood", nil, eve()); err != nil || got.Status != http.StatusOK {
		t.Errorf("a flood is an answer: %+v, %v", got, err)
	}
	if n := sent.Load(); n > 16<<20 { // and what the sockets hold
		t.Errorf("%d bytes of an answer were taken", n)
	}
}

// TestPostKeepsConnections counts connections: one serves many posts, and one
// that the peer closed in between costs no failed delivery.
func TestPostKeepsConnections(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(verifying(eveKey().Public()))
	server.EnableHTTP2 = true // offered, and not taken
	server.Config.ErrorLog = quiet()
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	c := clientFor(t, nil, server)
	post := func() {
		t.Helper()
		if got, err := c.Post(t.Context(), server.URL+"/inbox", []byte("{}"), eve()); err != nil || got.Status != http.StatusAccepted {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for range 5 {
		post()
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for five posts", n)
	}
	server.CloseClientConnections()
	post()
	if n := opened.Load(); n != 2 {
		t.Errorf("%d connections after a close", n)
	}
}

func TestPostSignsAnew(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	var mu sync.Mutex
	at := noon
	c := clientFor(t, func(o *Options) {
		o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); at = at.Add(time.Minute); return at }
	}, p.Server)
	body := NewBody([]byte("{}"))
	for range 2 {
		if _, err := c.PostBody(t.Context(), Cavage, p.URL+"/inbox", body, eve()); err != nil {
			t.Fatal(err)
		}
	}
	r := p.requests()
	if a, b := r[0].Header.Get("Signature"), r[1].Header.Get("Signature"); a == b {
		t.Error("the same signature twice")
	}
}

// TestSigningIsBounded holds the semaphore and sees that a post waits for it.
func TestSigningIsBounded(t *testing.T) {
	t.Parallel()
	p := newPeer(t, "tcp4")
	c := clientFor(t, nil, p.Server)
	for range cap(c.signing) {
		c.signing <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := c.Post(ctx, p.URL+"/inbox", nil, eve())
		ended <- err
	}()
	select {
	case err := <-ended:
		t.Errorf("it did not wait: %v", err)
	case <-time.After(20 * time.Millisecond): // an absence has no event
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
	if n := len(p.requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// activity is as long as a usual one.
var activity = bytes.Repeat([]byte("0123456789abcdef"), 2048/16)

// reportCPU measures processor time, which tells more than the clock on a
// machine that does other things too.
func reportCPU(b *testing.B) (report func()) {
	b.Helper()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	return func() { b.ReportMetric(float64(used()-before)/float64(b.N)/1000, "cpu-µs/op") }
}

// BenchmarkRSASign is the unit: what all processors together can sign.
func BenchmarkRSASign(b *testing.B) {
	key, sum := eveKey(), sha256.Sum256(activity)
	defer reportCPU(b)()
	b.RunParallel(func(next *testing.PB) {
		for next.Next() {
			if _, err := key.Sign(nil, sum[:], crypto.SHA256); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkPost posts over loopback TLS, from a few lanes, to a peer that
// reads and answers 202. The peer's own work is in it.
func BenchmarkPost(b *testing.B) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the client sees it if cut
		w.WriteHeader(http.StatusAccepted)
	}))
	b.Cleanup(server.Close)
	c := clientFor(b, nil, server)
	body, inbox, key := NewBody(activity), server.URL+"/inbox", eve()
	b.SetParallelism(2)
	b.ReportAllocs()
	if got, err := c.PostBody(b.Context(), Cavage, inbox, body, key); err != nil || got.Status != http.StatusAccepted {
		b.Fatal(got, err) // and the connection is warm
	}
	b.ResetTimer()
	defer reportCPU(b)()
	b.RunParallel(func(next *testing.PB) {
		for next.Next() {
			if got, err := c.PostBody(b.Context(), Cavage, inbox, body, key); err != nil || got.Status != http.StatusAccepted {
				b.Error(got, err)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	r := request4(b, "https://ours.example/inbox", string(activity))
	mustSign(b, r, string(activity))
	key := eveKey().Public()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(r, activity, key, noon); err != nil {
			b.Fatal(err)
		}
	}
}
