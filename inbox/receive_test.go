package inbox

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// TestReceive sends what must be refused, each beside its twin that is taken, and sees
// that the former changes nothing.
func TestReceive(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	there := newPeer(t)
	bob, carl := there.person("bob"), there.person("carl")
	eve := newPeer(t).person("eve")
	for _, who := range []*remote{bob, carl, eve} { // known, so that rows count what each case does
		who.tells(w, who.does("Like", who.URL+"/nothing"))
	}
	shut := newPeer(t).person("shut")
	if err := w.Hosts.Suspend(t.Context(), federation.Host(shut.IRI), "spam"); err != nil {
		t.Fatal(err)
	}
	like := func() object { return bob.does("Like", bob.URL+"/nothing") }
	with := func(o object, key string, value any) object { o[key] = value; return o }
	own := "/actors/" + lastPart(w.anaIRI) + "/inbox"

	for _, tc := range []struct {
		name    string
		request func() *http.Request
		want    int
	}{
		{"a good one", func() *http.Request { return bob.request(w, "/inbox", like()) }, 202},
		{"a good one to a person", func() *http.Request { return bob.request(w, own, like()) }, 202},
		{"ld+json", func() *http.Request {
			return typed(bob, w, like(), vocab.LDMediaType)
		}, 202},
		{"GET", func() *http.Request { return method(w, http.MethodGet) }, 405},
		{"PUT", func() *http.Request { return method(w, http.MethodPut) }, 405},
		{"plain JSON", func() *http.Request { return typed(bob, w, like(), "application/json") }, 415},
		{"no type", func() *http.Request { return typed(bob, w, like(), "") }, 415},
		{"compressed", func() *http.Request {
			r := bob.request(w, "/inbox", like())
			r.Header.Set("Content-Encoding", "gzip")
			return r
		}, 415},
		{"of the limit", func() *http.Request {
			return bob.request(w, "/inbox", padded(bob.does("Create", bob.note("long")), 1<<20))
		}, 202},
		{"a Like of its limit", func() *http.Request { return bob.request(w, "/inbox", padded(like(), 64<<10)) }, 202},
		{"a Like of one byte more", func() *http.Request { return bob.request(w, "/inbox", padded(like(), 64<<10+1)) }, 413},
		{"one byte more", func() *http.Request { return bob.request(w, "/inbox", padded(like(), 1<<20+1)) }, 413},
		{"one byte more, in pieces", func() *http.Request {
			r := bob.request(w, "/inbox", padded(like(), 1<<20+1))
			r.Body, r.ContentLength = io.NopCloser(r.Body), -1
			return r
		}, 413},
		{"not JSON", func() *http.Request { return bob.request(w, "/inbox", []byte("hello")) }, 400},
		{"an array", func() *http.Request { return bob.request(w, "/inbox", []byte("[]")) }, 400},
		{"a key twice", func() *http.Request {
			return bob.request(w, "/inbox", []byte(`{"id":"`+bob.URL+`/1","id":"`+bob.URL+`/2","type":"Like","actor":"`+bob.IRI+`","object":"x:y"}`))
		}, 400},
		{"endless nesting", func() *http.Request {
			return bob.request(w, "/inbox", []byte(strings.Repeat(`{"a":`, 10000)+"1"+strings.Repeat("}", 10000)))
		}, 400},
		{"no id", func() *http.Request { a := like(); delete(a, "id"); return bob.request(w, "/inbox", a) }, 400},
		{"id null", func() *http.Request { return bob.request(w, "/inbox", with(like(), "id", nil)) }, 400},
		{"id a number", func() *http.Request { return bob.request(w, "/inbox", with(like(), "id", 7)) }, 400},
		{"id a script", func() *http.Request { return bob.request(w, "/inbox", with(like(), "id", "javascript:alert(1)")) }, 400},
		{"id relative", func() *http.Request { return bob.request(w, "/inbox", with(like(), "id", "/activities/1")) }, 400},
		{"no actor", func() *http.Request { a := like(); delete(a, "actor"); return bob.request(w, "/inbox", a) }, 400},
		{"no type of activity", func() *http.Request { a := like(); delete(a, "type"); return bob.request(w, "/inbox", a) }, 400},
		{"id of another server", func() *http.Request {
			return bob.request(w, "/inbox", with(like(), "id", eve.URL+"/activities/1"))
		}, 401},
		{"no signature", func() *http.Request {
			r := bob.request(w, "/inbox", like())
			r.Header.Del("Signature")
			return r
		}, 401},
		{"two signatures", func() *http.Request {
			r := bob.request(w, "/inbox", like())
			r.Header.Add("Signature", r.Header.Get("Signature"))
			return r
		}, 401},
		{"a signature of an hour and a minute ago", func() *http.Request {
			w.clock.move(-61 * time.Minute)
			defer w.clock.move(61 * time.Minute)
			return bob.request(w, "/inbox", like())
		}, 401},
		{"a signature of 59 minutes ago", func() *http.Request {
			w.clock.move(-59 * time.Minute)
			defer w.clock.move(59 * time.Minute)
			return bob.request(w, "/inbox", like())
		}, 202},
		{"another body than was signed", func() *http.Request {
			r := bob.request(w, "/inbox", like())
			other := bob.request(w, "/inbox", like())
			r.Body, r.ContentLength = other.Body, other.ContentLength
			return r
		}, 401},
		{"signed for another inbox", func() *http.Request {
			r := bob.request(w, own, like())
			r.URL.Path = "/inbox"
			return r
		}, 401},
		{"signed for another host", func() *http.Request {
			r := bob.request(w, "/inbox", like())
			host := r.URL.Host
			r.URL.Host = "s.example"
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if err := federation.Sign(r, body, bob.key, w.clock.now()); err != nil {
				t.Fatal(err)
			}
			r.URL.Host = host
			return r
		}, 401},
		{"a key that is not there", func() *http.Request {
			r := *bob
			r.key.ID = bob.URL + "/u/nobody#main-key"
			return r.request(w, "/inbox", like())
		}, 401},
		{"a key that the actor does not list", func() *http.Request {
			r := *bob
			r.key.ID = bob.IRI + "#other"
			return r.request(w, "/inbox", like())
		}, 401},
		{"signed by somebody of another server", func() *http.Request { return eve.request(w, "/inbox", like()) }, 403},
		{"a Like signed by a neighbour", func() *http.Request { return carl.request(w, "/inbox", like()) }, 403},
		{"a Create signed by a neighbour", func() *http.Request {
			return carl.request(w, "/inbox", bob.does("Create", bob.note("hello")))
		}, 202},
		{"forwarded with a proof of its own", func() *http.Request {
			a := with(bob.does("Create", bob.note("hello")), "signature", object{"type": "RsaSignature2017"})
			return eve.request(w, "/inbox", a)
		}, 202},
		{"from a suspended server", func() *http.Request {
			return shut.request(w, "/inbox", shut.does("Like", shut.URL+"/nothing"))
		}, 403},
		{"in our name", func() *http.Request {
			a := like()
			a["id"], a["actor"] = w.server.URL+"/activities/1", w.anaIRI
			return bob.request(w, "/inbox", a)
		}, 403},
		{"to nobody", func() *http.Request { return bob.request(w, "/actors/1/inbox", like()) }, 404},
		{"to somebody elsewhere", func() *http.Request {
			return bob.request(w, "/actors/"+lastPart(w.IRIs.Actor(int64(w.actor(bob).ID)))+"/inbox", like())
		}, 404},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := tc.request()
			before := w.rows()
			got := w.answer(r)
			if got.StatusCode != tc.want {
				t.Fatalf("status = %d %q, want %d", got.StatusCode, got.line, tc.want)
			}
			if tc.want >= 300 && w.rows() != before {
				t.Errorf("refused, it changed %s into %s", before, w.rows())
			}
			if tc.want < 300 && w.rows() == before {
				t.Error("taken, it left nothing")
			}
			if line := strings.TrimSuffix(got.line, "\n"); tc.want >= 400 && (line == "" || strings.Contains(line, "\n")) {
				t.Errorf("reason = %q, want one line", got.line)
			}
		})
	}
	if n := shut.asked("/u/shut"); n != 0 {
		t.Errorf("a suspended server was asked %d times, want 0", n)
	}
	if n := w.number(`SELECT count(*) FROM received WHERE outcome = 'ignored' AND reason LIKE 'forwarded%' AND key IS NULL`); n != 1 {
		t.Errorf("forwarded = %d, want 1 without a claim", n)
	}
}

func lastPart(path string) string { return path[strings.LastIndex(path, "/")+1:] }

func method(w *town, method string) *http.Request {
	r, _ := http.NewRequest(method, w.server.URL+"/inbox", nil)
	return r
}

func typed(who *remote, w *town, activity object, contentType string) *http.Request {
	r := who.request(w, "/inbox", activity)
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if err := federation.Sign(r, body, who.key, w.clock.now()); err != nil {
		panic(err)
	}
	return r
}

// padded gives a body of exactly so many bytes.
func padded(a object, size int) []byte {
	a["padding"] = ""
	body := must(a)
	a["padding"] = strings.Repeat("x", size-len(body))
	return must(a)
}

func TestReceiveGone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	own := "/actors/" + lastPart(w.anaIRI) + "/inbox"
	if got := w.answer(bob.request(w, own, bob.does("Like", "https://x.example/1"))).StatusCode; got != http.StatusAccepted {
		t.Fatalf("before: %d, want 202", got)
	}
	err := w.db.Write(t.Context(), func(tx storage.Tx) error { return w.Directory.MarkGone(t.Context(), tx, w.ana.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if got := w.answer(bob.request(w, own, bob.does("Like", "https://x.example/1"))).StatusCode; got != http.StatusGone {
		t.Errorf("after: %d, want 410", got)
	}
}

func TestReceiveUnseen(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	there := newPeer(t)
	gone := there.person("gone")
	before := w.rows()
	for _, kind := range []string{"Delete", "Update"} {
		if got := gone.posts(w, gone.does(kind, gone.IRI)); got != http.StatusAccepted {
			t.Errorf("%s of somebody unknown by itself: %d, want 202", kind, got)
		}
	}
	if after := w.rows(); after != before {
		t.Errorf("rows = %s, want %s", after, before)
	}
	if n := there.asked("/u/gone"); n != 0 {
		t.Errorf("its server was asked %d times, want 0", n)
	}
}

func TestReceiveOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	create := bob.does("Create", bob.note("first", object{"audience": w.makers.Actor.IRI}))
	bob.tells(w, create)
	before := w.number(`SELECT count(*) FROM received`)
	w.clock.move(40 * 24 * time.Hour)
	create["object"] = bob.note("second")
	bob.tells(w, create)
	if n := w.number(`SELECT count(*) FROM received`); n != before {
		t.Errorf("received = %d, want %d: the first of an id wins", n, before)
	}
	if n := w.number(`SELECT count(*) FROM posts WHERE content LIKE '%second%'`); n != 0 {
		t.Error("the second took effect")
	}
}

func TestReceiveKeyRotation(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	there := newPeer(t)
	bob := there.person("bob")
	bob.tells(w, bob.does("Like", "https://x.example/1"))
	w.clock.move(time.Hour)
	changed := there.person("bob") // the same id, another key
	if got := changed.posts(w, changed.does("Like", "https://x.example/2")); got != http.StatusAccepted {
		t.Errorf("after the key changed: %d, want 202", got)
	}
	asked := there.asked("/u/bob")
	for range 20 {
		if got := bob.posts(w, bob.does("Like", "https://x.example/3")); got != http.StatusUnauthorized {
			t.Fatalf("the old key: %d, want 401", got)
		}
	}
	if more := there.asked("/u/bob") - asked; more > 2 {
		t.Errorf("its server was asked %d times more, want at most 2", more)
	}
}

func TestReceiveWhenKeyIsAway(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	there := newPeer(t)
	bob := there.person("bob")
	there.shows("/u/bob", http.StatusServiceUnavailable)
	got := w.answer(bob.request(w, "/inbox", bob.does("Like", "https://x.example/1")))
	if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
		t.Errorf("status = %d, Retry-After %q; want 503 and a time", got.StatusCode, got.Header.Get("Retry-After"))
	}
}

// TestReceiveWithoutDatabase: who writes meanwhile is asked to come back, and is not
// charged as one who names keys that are not to be had.
func TestReceiveWithoutDatabase(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	charged := 0
	w.Vain = func(*http.Request) { charged++ }
	p := newPeer(t)
	bob, eve := p.person("bob"), p.person("eve")
	bob.tells(w, bob.does("Like", "https://x.example/1"))
	p.shows("/u/eve", http.StatusNotFound)
	w.answer(eve.request(w, "/inbox", eve.does("Like", "https://x.example/1")))
	if charged != 1 {
		t.Errorf("charged %d times for a key that is not to be had, want once", charged)
	}
	w.db.Close()
	for _, who := range []*remote{bob, p.person("new")} {
		got := w.answer(who.request(w, "/inbox", who.does("Like", "https://x.example/2")))
		if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("status = %d, Retry-After %q; want 503 and a time", got.StatusCode, got.Header.Get("Retry-After"))
		}
	}
	if charged != 1 {
		t.Errorf("charged %d times for a fault of ours, want none", charged-1)
	}
}

func TestGate(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	for _, tc := range []struct {
		name   string
		oldest time.Time
		told   time.Duration // ago
		wait   time.Duration
		come   bool
	}{
		{"nothing waits", time.Time{}, 0, 0, true},
		{"half a second behind", now.Add(-500 * time.Millisecond), 0, 0, true},
		{"a second and a half behind", now.Add(-1500 * time.Millisecond), 0, 125 * time.Millisecond, true},
		{"five seconds behind", now.Add(-5 * time.Second), 0, 250 * time.Millisecond, true},
		{"eleven seconds behind", now.Add(-11 * time.Second), 0, 0, false},
		{"nobody tells any more", now.Add(-time.Minute), 6 * time.Second, 0, true},
	} {
		g := gate{limit: time.Second}
		g.heard(tc.oldest, now.Add(-tc.told))
		if wait, come := g.patience(now); wait != tc.wait || come != tc.come {
			t.Errorf("%s: %v, %v; want %v, %v", tc.name, wait, come, tc.wait, tc.come)
		}
	}
}

func TestReceiveBehind(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	now := w.clock.now()
	w.gate.heard(now.Add(-time.Minute), now)
	got := w.answer(bob.request(w, "/inbox", bob.does("Like", "https://x.example/1")))
	if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "5" {
		t.Errorf("status = %d, Retry-After %q; want 503 and 5", got.StatusCode, got.Header.Get("Retry-After"))
	}
}
