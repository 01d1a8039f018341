package security

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"passerelles/federation/vocab"
)

// payloads would do something if a page let them.
var payloads = map[string]string{
	"a script":              `<script>alert("CNRY")</script>`,
	"an image that fails":   `<img src=x onerror=alert("CNRY")>`,
	"a picture that loads":  `<svg/onload=alert("CNRY")><circle/></svg>`,
	"a mutation":            `<math><mtext><table><mglyph><style><img src=x onerror=alert("CNRY")>`,
	"a frame":               `<iframe srcdoc="<script>alert('CNRY')</script>"></iframe>`,
	"an object":             `<object data="data:text/html,CNRY"></object><embed src="data:text/html,CNRY">`,
	"a base":                `<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example/">`,
	"a form":                `<form action="https://evil.example/"><input name=csrf></form>`,
	"a quote":               `"><script>alert('CNRY')</script>`,
	"a link that is script": `<a href="javascript:alert('CNRY')">x</a><a href="JaVa&#x09;ScRiPt:alert('CNRY')">y</a>`,
	"a style":               `<p style="position:fixed;background:url(//evil.example)" id="csrf" class="modal">x</p>`,
	"an encoded script":     `&lt;script&gt;alert("CNRY")&lt;/script&gt;`,
}

// harm finds in a page what may never stand there as markup, "" for nothing.
func harm(page string) string {
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tokens.Token()
			if what := harmIn(tag); what != "" {
				return what + " in " + tag.String()
			}
		}
	}
}

func harmIn(tag html.Token) string {
	has := map[string]string{}
	for _, a := range tag.Attr {
		has[a.Key] = a.Val
		scheme, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(a.Val)), ":")
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "id" && a.Val == "csrf":
			return a.Key
		case slices.Contains([]string{"href", "src", "action", "formaction"}, a.Key) && slices.Contains([]string{"javascript", "data", "vbscript"}, scheme):
			return scheme
		case a.Key == "action" && strings.Contains(a.Val, "//"):
			return "a form for elsewhere"
		}
	}
	switch {
	case slices.Contains([]string{"iframe", "object", "embed", "base", "math", "style"}, tag.Data):
		return tag.Data
	case tag.Data == "script" && has["src"] == "" && has["type"] != "application/ld+json", tag.Data == "meta" && has["http-equiv"] != "":
		return tag.Data
	}
	return ""
}

// markupIn gives what a feed says is HTML; the rest of it is shown as it stands.
func markupIn(t *testing.T, feed string) (texts []string) {
	t.Helper()
	var f struct {
		Entries []struct {
			Parts []struct {
				Type string `xml:"type,attr"`
				Text string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(feed), &f); err != nil {
		t.Fatalf("the feed cannot be read: %v", err)
	}
	for _, e := range f.Entries {
		for _, part := range e.Parts {
			if part.Type == "html" {
				texts = append(texts, part.Text)
			}
		}
	}
	if len(texts) == 0 {
		t.Error("the feed holds no HTML")
	}
	return texts
}

// TestNothingReceivedBecomesMarkup puts each payload in each field that others fill, and
// reads every page, feed and document where it may show.
func TestNothingReceivedBecomesMarkup(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for name, payload := range payloads {
		t.Run("CT-02 "+name, func(t *testing.T) {
			p := newPeer(t)
			eve, group := p.person("eve"), p.lives("Group", "group")
			for _, who := range []*remote{eve, group} {
				who.doc["name"], who.doc["summary"] = payload+" name", payload
				who.doc["attachment"] = []any{object{"type": "PropertyValue", "name": payload, "value": payload}}
				who.doc["icon"], who.doc["url"] = object{"type": "Image", "url": "javascript:alert(1)", "name": payload}, "javascript:alert(1)"
			}
			s.follows(group)
			note := eve.note("", object{"name": payload + " title", "content": "<p>honest words</p>" + payload, "summary": payload, "audience": s.makersIRI(),
				"url": "javascript:alert('CNRY')", "context": payload, "contentMap": object{"fr": "<p>honest words</p>" + payload},
				"tag":        []any{object{"type": "Hashtag", "name": "#" + payload, "href": "javascript:alert(1)"}, object{"type": "Mention", "name": "@" + payload, "href": payload}},
				"attachment": []any{object{"type": "Image", "url": "javascript:alert('CNRY')", "name": payload}, object{"type": "Link", "href": "data:text/html,CNRY"}, nil, 7, []any{}},
			})
			if got := eve.tells(s.town, eve.does("Create", note)); got != "applied" {
				t.Fatalf("it is %s", got)
			}
			later := changed(note, object{"content": "<p>newer words</p>" + payload, "updated": "2026-03-16T12:00:00Z"})
			if got := eve.tells(s.town, eve.does("Update", later)); got != "applied" {
				t.Fatalf("CT-12 the Update is %s", got)
			}
			id := strconv.Itoa(s.number(`SELECT id FROM posts WHERE iri = $1`, idOf(note)))
			pages := map[string]string{
				"CT-01 the post": "/posts/" + id, "the community": "/c/makers", "the feed": "/c/makers/feed.atom", "the first page": "/",
				"its author": "/@eve@" + eve.host(), "a community elsewhere": "/c/group@" + eve.host(), "whom to follow": "/follow?who=" + url.QueryEscape(group.IRI),
				"what was typed": "/follow?who=" + url.QueryEscape(payload), "nothing": "/c/" + url.PathEscape(payload), "to sign in": "/sign-in?next=" + url.QueryEscape(payload),
			}
			for where, path := range pages {
				got := s.get(path, true)
				if got.StatusCode >= 500 {
					t.Errorf("%s: %d", where, got.StatusCode)
				}
				if found := harm(got.text); found != "" {
					t.Errorf("%s holds %q", where, found)
				}
				if where == "the feed" {
					for _, text := range markupIn(t, got.text) {
						if found := harm(text); found != "" {
							t.Errorf("%s holds %q", where, found)
						}
					}
				}
				if csp := got.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe-inline") {
					t.Errorf("CT-09 %s: its policy is %q", where, csp)
				}
			}
			if got := s.get("/posts/"+id, false); !strings.Contains(got.text, "newer words") {
				t.Error("CT-12 twin: what is honest does not show")
			}
		})
	}
}

// TestDocumentsAreNoPages asks for documents as a browser would.
func TestDocumentsAreNoPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for _, path := range []string{"/actor", "/nodeinfo/2.1", "/.well-known/webfinger?resource=acct:makers@" + w.host,
		strings.TrimPrefix(w.makersIRI(), w.origin), strings.TrimPrefix(w.makersIRI(), w.origin) + "/outbox"} {
		t.Run("CT-10 "+strings.Split(path, "?")[0], func(t *testing.T) {
			got := w.get(path, false)
			kind := got.Header.Get("Content-Type")
			if got.StatusCode != http.StatusOK || !strings.Contains(kind, "json") || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%d, %s, %s; want JSON that is not guessed at", got.StatusCode, kind, got.Header.Get("X-Content-Type-Options"))
			}
		})
	}
	for _, path := range []string{"/static/..%2f..%2fetc%2fpasswd", "/static/../../etc/passwd", "/static/%2e%2e", "/static/.htaccess", "/static/C:%5cx", "/static/" + strings.Repeat("é", 300)} {
		if got := w.raw(t, "GET "+path+" HTTP/1.1\r\nHost: "+w.host+"\r\nConnection: close\r\n\r\n"); got != http.StatusNotFound {
			t.Errorf("CT-18 %s: %d, want 404", path, got)
		}
	}
	t.Run("CT-20 no file is an ActivityPub document", func(t *testing.T) {
		page := w.get("/about", false).text
		file := regexp.MustCompile(`/static/[^"]+\.css`).FindString(page)
		r, err := http.NewRequest(http.MethodGet, w.origin+file, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", vocab.MediaType)
		if got := w.request(r); got.StatusCode != http.StatusOK || strings.Contains(got.Header.Get("Content-Type"), "json") {
			t.Errorf("%d, %s", got.StatusCode, got.Header.Get("Content-Type"))
		}
	})
}

// TestDocumentsOfAnotherType fetches posts that are served as something else.
func TestDocumentsOfAnotherType(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for kind, want := range map[string]string{
		"application/activity+json": "applied",
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`: "applied",
		"application/ld+json": "", "application/json": "", "text/html": "", "text/plain": "", "application/octet-stream": "", "image/png": "",
	} {
		t.Run("CT-21 "+kind, func(t *testing.T) {
			note := s.den.note("x", object{"audience": s.den.IRI, "to": []string{s.den.IRI, vocab.Public}})
			body := bytesOf(note)
			s.den.shows(strings.TrimPrefix(idOf(note), s.den.URL), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", kind)
				_, _ = w.Write(body) // who asked may have gone
			}))
			got := s.den.tells(s.town, s.den.does("Announce", idOf(note)))
			if (got == "applied") != (want == "applied") {
				t.Errorf("it is %s, want %s", got, want)
			}
		})
	}
}
