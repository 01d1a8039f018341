package security

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelles/federation/vocab"
)

// TestLargeAndCrooked posts bodies that are too much, or that parsers disagree about.
func TestLargeAndCrooked(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	create := func(more string) []byte {
		n := strconv.FormatInt(ids.Add(1), 10)
		return []byte(`{"id":"` + s.eve.URL + "/a/" + n + `","type":"Create","actor":"` + s.eve.IRI + `","object":{"id":"` + s.eve.URL + "/o/" + n +
			`","type":"Note","attributedTo":"` + s.eve.IRI + `","content":"x","audience":"` + s.makersIRI() + `"` + more + `}}`)
	}
	list := func(n int, item string) string { return "[" + strings.Repeat(item+",", n-1) + item + "]" }
	sized := func(n int) []byte {
		body := create("")
		return append(body, bytes.Repeat([]byte(" "), n-len(body))...)
	}
	zipped := func(b []byte) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = w.Write(b) // to memory
		_ = w.Close()
		return out.Bytes()
	}
	inPieces := func(r *http.Request, _ http.Header) { r.Body, r.ContentLength = io.NopCloser(r.Body), -1 }
	encoded := func(as string) func(*http.Request, http.Header) {
		return func(_ *http.Request, h http.Header) { h.Set("Content-Encoding", as) }
	}
	for _, tc := range []struct {
		name string
		body []byte
		sent func(r *http.Request, h http.Header)
		want int
	}{
		{"RL-03 twin: a body of the limit", sized(1 << 20), nil, 202},
		{"RL-03 one byte more", sized(1<<20 + 1), nil, 413},
		{"RL-03 one byte more, in pieces", sized(1<<20 + 1), inPieces, 413},
		{"RL-03 thirty megabytes", sized(30 << 20), nil, 413},
		{"RL-04 gzip", zipped(create("")), encoded("gzip"), 415},
		{"RL-04 gzip of sixty megabytes", zipped(make([]byte, 60<<20)), encoded("gzip"), 415},
		{"RL-04 twice", zipped(zipped(create(""))), encoded("gzip, gzip"), 415},
		{"RL-04 brotli", create(""), encoded("br"), 415},
		{"RL-04 twin: as it is", create(""), encoded("identity"), 202},
		{"RL-05 a hundred thousand brackets", []byte(strings.Repeat("[", 100_000)), nil, 400},
		{"RL-05 ten thousand objects", []byte(strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)), nil, 400},
		{"RL-05 deep within a post", create(`,"x":` + strings.Repeat("[", 500) + strings.Repeat("]", 500)), nil, 400},
		{"RL-06 a number out of all measure", create(`,"x":1e999999`), nil, 202},
		{"RL-06 a key twice", create(`,"content":"y"`), nil, 400},
		{"RL-06 bytes that are not UTF-8", create(`,"name":"` + "\xff\xfe" + `"`), nil, 400},
		{"RL-06 a byte order mark", append([]byte("\ufeff"), create("")...), nil, 400},
		{"RL-06 two documents", append(create(""), create("")...), nil, 400},
		{"RL-06 twin: unknown properties", create(`,"x":{"y":[1,2,3]}`), nil, 202},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := s.request(letter{who: s.eve, town: s.town, body: tc.body, after: tc.sent}.request())
			if got.StatusCode != tc.want {
				t.Errorf("%d %q, want %d", got.StatusCode, got.text, tc.want)
			}
		})
	}
	for _, tc := range []struct{ name, more, outcome string }{
		{"RL-06 a NUL", `,"name":"a\u0000b"`, "applied"},
		{"RL-06 half a character", `,"name":"a\ud800b"`, "applied"},
		{"RL-06 forty thousand receivers", `,"to":` + list(40_000, `"https://x.example/"`), "refused"},
		{"RL-10 a name of half a megabyte", `,"name":"` + strings.Repeat("x", 1<<19) + `"`, "applied"},
		{"RL-10 a warning of half a megabyte", `,"summary":"` + strings.Repeat("x", 1<<19) + `"`, "applied"},
		{"RL-10 a language of half a megabyte", `,"contentMap":{"` + strings.Repeat("x", 1<<19) + `":"x"}`, "applied"},
		{"RL-16 five thousand mentions", `,"tag":` + list(5000, `{"type":"Mention","href":"https://x.example/u/1","name":"@a"}`), "refused"},
		{"RL-16 five thousand tags", `,"tag":` + list(5000, `{"type":"Hashtag","href":"https://x.example/t","name":"#a"}`), "refused"},
		{"RL-16 five thousand emoji", `,"tag":` + list(5000, `{"type":"Emoji","name":":a:"}`), "refused"},
		{"RL-16 twin: fifty of each", `,"tag":` + list(50, `{"type":"Mention","href":"https://x.example/u/1","name":"@a"},{"type":"Hashtag","name":"#a"},{"type":"Emoji","name":":a:"}`), "applied"},
		{"RL-06 two thousand attachments", `,"attachment":` + list(2000, `{"type":"Image","url":"https://x.example/1"}`), "refused"},
		{"RL-11 ten thousand answers to choose", `,"oneOf":` + list(10_000, `{"type":"Note","name":"a"}`), "applied"},
		{"RL-11 twin: twenty answers to choose", `,"oneOf":` + list(20, `{"type":"Note","name":"a"}`), "applied"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := create(tc.more)
			got := s.request(letter{who: s.eve, town: s.town, body: body}.request())
			if got.StatusCode != http.StatusAccepted {
				t.Fatalf("%d %q, want 202", got.StatusCode, got.text)
			}
			if got := s.outcome(idIn(body)); got != tc.outcome {
				t.Errorf("it is %s, want %s", got, tc.outcome)
			}
		})
	}
	if n := s.number(`SELECT count(*) FROM posts WHERE length(title) > 500 OR length(summary) > 2000 OR length(language) > 35 OR content LIKE '%' || chr(65533) || '%'`); n != 0 {
		t.Errorf("%d posts with what is too long", n)
	}
	t.Run("RL-11 of ten thousand answers fifty are kept", func(t *testing.T) {
		if n := s.number(`SELECT coalesce(max(cardinality(options)), 0) FROM polls`); n != 50 {
			t.Errorf("%d, want 50", n)
		}
	})
	if n := s.number(`SELECT count(*) FROM received WHERE outcome = 'dead'`); n != 0 {
		t.Errorf("%d are dead, want each to be applied or refused", n)
	}
	t.Run("RL-06 twin: after all that, an honest post", func(t *testing.T) {
		if got := s.eve.tells(s.town, s.eve.writes(s.town, "honest")); got != "applied" {
			t.Errorf("it is %s", got)
		}
	})
}

// idIn is the id with which a body begins.
func idIn(body []byte) string {
	_, rest, _ := strings.Cut(string(body), `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// TestChains lets posts answer posts without end.
func TestChains(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	p := newPeer(t)
	deep := p.person("deep")
	deep.tells(s.town, deep.does("Like", "https://x.example/1"))
	parent := ""
	for i := range 200 {
		path := "/chain/" + strconv.Itoa(i)
		n := object{"id": p.URL + path, "type": "Note", "attributedTo": deep.IRI, "content": "<p>link</p>", "to": []string{vocab.Public},
			"audience": s.makersIRI(), "published": "2026-03-14T12:00:00Z"}
		if parent != "" {
			n["inReplyTo"] = parent
		}
		p.shows(path, n)
		parent = p.URL + path
	}
	asked := p.asked("")
	t.Run("RL-13 two hundred that answer each other", func(t *testing.T) {
		last := deep.note("the last", object{"inReplyTo": parent, "audience": s.makersIRI()})
		if got := deep.tells(s.town, deep.does("Create", last)); got != "applied" {
			t.Errorf("it is %s", got)
		}
		if n := p.asked("") - asked; n > 25 {
			t.Errorf("%d questions, want at most 25", n)
		}
	})
	t.Run("RL-13 two that answer each other", func(t *testing.T) {
		a, b := deep.note("a", object{"audience": s.makersIRI()}), deep.note("b", object{"audience": s.makersIRI()})
		a["inReplyTo"], b["inReplyTo"] = b["id"], a["id"]
		asked := p.asked("")
		if got := deep.tells(s.town, deep.does("Create", a)); got != "applied" {
			t.Errorf("it is %s", got)
		}
		if n := p.asked("") - asked; n > 3 {
			t.Errorf("%d questions, want at most 3", n)
		}
		if got := s.get("/posts/"+strconv.Itoa(s.number(`SELECT id FROM posts WHERE iri = $1`, idOf(a))), false); got.StatusCode >= 500 {
			t.Errorf("its page: %d", got.StatusCode)
		}
	})
	t.Run("RL-13 an Undo of an Undo of an Undo", func(t *testing.T) {
		undo := deep.does("Like", s.own.IRI)
		for range 30 {
			undo = deep.does("Undo", undo)
		}
		before := s.state()
		deep.tells(s.town, undo)
		if got := changes(before, s.state()); got != "" {
			t.Errorf("it changed\n%s", got)
		}
	})
	t.Run("RL-13 twin: one that answers one", func(t *testing.T) {
		first := deep.note("first", object{"audience": s.makersIRI()})
		second := deep.note("second", object{"inReplyTo": idOf(first), "audience": s.makersIRI()})
		if got := deep.tells(s.town, deep.does("Create", second)); got != "applied" {
			t.Errorf("it is %s", got)
		}
		if n := s.number(`SELECT count(*) FROM posts WHERE iri = $1`, idOf(first)); n != 1 {
			t.Error("its parent was not fetched")
		}
	})
}

// TestOddRequests sends what no client sends.
func TestOddRequests(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	head := func(line string, more ...string) string {
		return line + "\r\nHost: " + w.host + "\r\nConnection: close\r\n" + strings.Join(more, "\r\n") + "\r\n\r\n"
	}
	for _, tc := range []struct {
		name, text string
		want       []int
	}{
		{"RL-25 twin: a request", head("GET /about HTTP/1.1"), []int{200}},
		{"RL-25 two lengths", head("POST /inbox HTTP/1.1", "Content-Length: 5", "Content-Length: 6") + "hello", []int{400}},
		{"RL-25 a length, and pieces", head("POST /inbox HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked") + "0\r\n\r\n", []int{400, 415}},
		{"RL-25 pieces of another kind", head("POST /inbox HTTP/1.1", "Transfer-Encoding: xchunked") + "0\r\n\r\n", []int{400, 501}},
		{"RL-25 a name with a space", head("GET /about HTTP/1.1", "X : y"), []int{400}},
		{"RL-25 a folded line", head("GET /about HTTP/1.1", "X: y", " z"), []int{200, 400}},
		{"RL-26 a head of a megabyte", head("GET /about HTTP/1.1", "X: "+strings.Repeat("x", 1<<20)), []int{431}},
		{"RL-26 a thousand cookies", head("GET /about HTTP/1.1", strings.Repeat("Cookie: session="+strings.Repeat("x", 100)+"\r\n", 1000)+"X: y"), []int{431}},
		{"RL-26 an address of 64 kB", head("GET /" + strings.Repeat("x", 64<<10) + " HTTP/1.1"), []int{404, 414, 431}},
		{"RL-26 an address of a megabyte", head("GET /" + strings.Repeat("x", 1<<20) + " HTTP/1.1"), []int{414, 431}},
		{"RL-20 ten thousand wildcards", head("GET /follow?who=" + strings.Repeat("%25", 10_000) + " HTTP/1.1"), []int{303}},
		{"RL-20 a page far away", head("GET /?before=999999999999999999999 HTTP/1.1"), []int{200}},
		{"AD-09 quotes", head("GET /c/x'%3B%20DROP%20TABLE%20posts%3B-- HTTP/1.1"), []int{404}},
		{"AD-09 a parameter of SQL", head("GET /@$1 HTTP/1.1"), []int{404}},
		{"AD-09 a NUL", head("GET /c/%00 HTTP/1.1"), []int{400}},
		{"AD-09 a line of the log", head("GET /c/x%0alevel=ERROR%20msg=forged HTTP/1.1"), []int{404}},
		{"AD-09 colours of a terminal", head("GET /c/%1b%5b31m HTTP/1.1"), []int{404}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := w.raw(t, tc.text)
			for _, want := range tc.want {
				if got == want {
					return
				}
			}
			t.Errorf("%d, want one of %v", got, tc.want)
		})
	}
	if log := w.log.String(); strings.Contains(log, "\nlevel=ERROR msg=forged") || strings.Contains(log, "\x1b") {
		t.Errorf("the log was written by others:\n%s", log)
	}
}

// TestStalled holds hundreds of connections that say nothing, or hardly anything.
func TestStalled(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	begun := time.Now()
	var head, body net.Conn
	for i := range 300 {
		c := w.dial(t)
		text := "GET /about HTTP/1.1\r\nHost: " + w.host + "\r\nX: "
		if i%3 == 0 {
			text = "POST /inbox HTTP/1.1\r\nHost: " + w.host + "\r\nContent-Type: application/activity+json\r\nContent-Length: 1000\r\n\r\n{"
		}
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		switch i {
		case 0:
			body = c
		case 1:
			head = c
		}
	}
	t.Run("RL-01 others are served meanwhile", func(t *testing.T) {
		for range 20 {
			if got := w.get("/about", false).StatusCode; got != http.StatusOK {
				t.Errorf("%d, want 200", got)
			}
		}
	})
	t.Run("RL-23 it says that it is ready", func(t *testing.T) {
		if got := w.get("/readyz", false).StatusCode; got != http.StatusOK {
			t.Errorf("%d, want 200", got)
		}
	})
	for name, held := range map[string]net.Conn{"RL-01 a head that does not end is hung up on": head, "RL-01 so is a body": body} {
		t.Run(name, func(t *testing.T) {
			if err := held.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			_, err := io.Copy(io.Discard, held) // what is said before
			if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
				t.Error("not after a minute, want after ten seconds, or thirty")
			}
			if took := time.Since(begun); took < 5*time.Second {
				t.Errorf("after %v, want ten seconds at least", took)
			}
		})
	}
}

// TestFormsTakeLittle fills the forms of the site with far too much.
func TestFormsTakeLittle(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	makers := strconv.FormatInt(int64(w.makers.Actor.ID), 10)
	post := func(title, text string) answer {
		return w.postForm("/posts", url.Values{"community": {makers}, "title": {title}, "text": {text}})
	}
	big := strings.Repeat("x", 900_000)
	for _, tc := range []struct {
		name string
		do   func() answer
		want int
	}{
		{"RL-10 twin: a post", func() answer { return post("Title", "Text") }, 303},
		{"RL-10 a title of 900 kB", func() answer { return post(big, "Text") }, 400},
		{"RL-10 a text of 900 kB", func() answer { return post("Title", big) }, 413},
		{"RL-10 a form of 2 MB", func() answer { return post("Title", big+big) }, 413},
		{"RL-10 a name of 900 kB at the door", func() answer {
			return w.postForm("/sign-in", url.Values{"login": {big}, "password": {"x"}})
		}, 401},
		{"RL-10 a password of 900 kB", func() answer {
			return w.postForm("/sign-in", url.Values{"login": {"ana"}, "password": {big}})
		}, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.do(); got.StatusCode != tc.want {
				t.Errorf("%d, want %d", got.StatusCode, tc.want)
			}
		})
	}
	for name, text := range map[string]string{
		"stars":        strings.Repeat("*", 49_000),
		"brackets":     strings.Repeat("[", 49_000),
		"nested links": strings.Repeat("[a](", 12_000),
		"quotes":       strings.Repeat(">", 49_000),
		"backticks":    strings.Repeat("`a", 24_000),
		"addresses":    strings.Repeat("http://a.example ", 2800),
		"lists":        strings.Repeat("- ", 24_000),
		"entities":     strings.Repeat("&amp", 12_000),
		"underscores":  strings.Repeat("_a_", 16_000),
	} {
		t.Run("RL-17 "+name, func(t *testing.T) {
			if got := post("Title", text); got.StatusCode >= 500 { // how long it takes: text.TestMarkdownIsLinear
				t.Errorf("%d", got.StatusCode)
			}
		})
	}
}

// TestXMLBomb lets a server say where its WebFinger is in a document that grows.
func TestXMLBomb(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	entities := `<!ENTITY a0 "aaaaaaaaaa">`
	for i := range 20 {
		entities += fmt.Sprintf(`<!ENTITY a%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
	}
	for _, tc := range []struct {
		name, meta string
		want       int
	}{
		{"RL-18 entities of entities", `<!DOCTYPE x [` + entities + `]><XRD><Link rel="lrdd" template="&a20;URL/find?{uri}"/></XRD>`, 404},
		{"RL-18 a file as an entity", `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><XRD><Link rel="lrdd" template="URL/find?&a;{uri}"/></XRD>`, 404},
		{"RL-18 twin: as it should be", `<XRD><Link rel="lrdd" template="URL/find?{uri}"/></XRD>`, 200},
	} {
		t.Run(tc.name, func(t *testing.T) {
			eve := newPeer(t).person("eve")
			say := func(kind, text string) http.HandlerFunc {
				return func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", kind)
					_, _ = w.Write([]byte(strings.ReplaceAll(text, "URL", eve.URL))) // who asked may have gone
				}
			}
			eve.shows("/.well-known/host-meta", say("application/xrd+xml", tc.meta))
			eve.shows("/find", say("application/jrd+json", `{"subject":"acct:eve@`+eve.host()+`","links":[{"rel":"self","type":"application/activity+json","href":"`+eve.IRI+`"}]}`))
			if got := w.get("/follow?who=eve@"+eve.host(), true); got.StatusCode != tc.want {
				t.Errorf("%d, want %d", got.StatusCode, tc.want)
			}
		})
	}
}

// TestHugeThread shows a thread of four thousand replies, some a thousand deep.
func TestHugeThread(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	_, err := s.DB.Exec(t.Context(), `
		INSERT INTO posts (id, iri, author, local, community, parent, root, scope, content, published, arrived_at)
		SELECT $1::bigint + n, 'https://x.example/' || n, $2, true, $3, CASE WHEN n <= 1000 THEN $1::bigint + n - 1 ELSE $1 END, $1,
			'public', '<p>reply ' || n || '</p>', $4, $4
		FROM generate_series(1, 4000) AS n`, s.own.ID, int64(s.ana.ID), int64(s.makers.Actor.ID), s.now())
	if err != nil {
		t.Fatal(err)
	}
	thread, reply := "/posts/"+strconv.FormatInt(s.own.ID, 10), "/posts/"+strconv.FormatInt(s.own.ID+999, 10)
	for _, tc := range []struct {
		name, path  string
		asAna       bool
		want, least int
	}{
		{"RL-14 the thread", thread, false, 200, 1990},
		{"RL-14 the thread, to who may answer each", thread, true, 200, 1990},
		{"RL-14 a reply that is a thousand deep", reply, false, 303, 0},
		{"RL-14 the community", "/c/makers", false, 200, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := s.get(tc.path, tc.asAna)
			if n := strings.Count(got.text, "<p>reply "); got.StatusCode != tc.want || n > 2000 || n < tc.least {
				t.Errorf("%d, %d replies in %d bytes; want %d, and 2000 replies at most", got.StatusCode, n, len(got.text), tc.want)
			}
		})
	}
}
