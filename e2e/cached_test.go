package e2e

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"passerelles/federation/vocab"
)

// TestCached has members, a stranger and a server read the same addresses through a cache
// for all of them: nobody is shown another's page, who wants a document gets no page and
// the other way round, and what is deleted vanishes.
func TestCached(t *testing.T) {
	t.Parallel()
	behind := "localhost:" + freePort(t)
	s := settleTown(t, "PASSERELLES_LISTEN="+behind, "PASSERELLES_TLS_CERT=", "PASSERELLES_TLS_KEY=")
	c := newCache(t, s, behind)
	s.start()
	person := s.do("account", "create", "ana", "--email", "ana@example.org", "<", "correct horse battery ana").text("id")
	readers := []*reader{s.reader("bob", s.signIn), s.reader("cleo", s.signIn), s.reader("dora", s.token), s.reader("", nil)}
	stranger := readers[3]
	s.community("makers", "ana")
	post := s.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Atelier", "--text", "Samedi, 10 h.").text("id")
	reply := s.do("post", "reply", post, "--as", "ana", "--text", "Dimanche, plutôt.").text("id")
	group := s.do("community", "show", "makers").text("id")

	addresses := []string{
		"/", "/communities", "/about", "/sign-in", "/search?q=samedi", "/c/makers", "/@ana", "/follow", "/sitemap.xml", "/robots.txt",
		"/c/makers/feed.atom", "/nobody", "/posts/1", post[len(s.origin):], reply[len(s.origin):], person[len(s.origin):], group[len(s.origin):],
		group[len(s.origin):] + "/outbox", post[len(s.origin):] + "/edit", "/.well-known/nodeinfo", "/nodeinfo/2.1",
		"/.well-known/webfinger?resource=acct:ana@" + s.host, "/admin/deliveries",
	}
	for n := range readers {
		for i := range readers {
			who := readers[(n+i)%len(readers)] // each comes first once
			for j, address := range addresses {
				for k := range 2 {
					who.reads(t, address, (n+j+k)%2 == 0, readers)
				}
			}
		}
		c.later(keptFor)
	}
	if c.hits == 0 {
		t.Error("the cache was never of use")
	}
	complain(t, c.rash)

	for _, what := range []string{reply, post} {
		path := what[len(s.origin):]
		for _, document := range []bool{true, false} { // a reply's page leads to its thread
			if status, _, _ := stranger.get(t, path, document); status != http.StatusOK && (document || status != http.StatusSeeOther) {
				t.Fatalf("%s: %d before it is deleted", path, status)
			}
		}
		s.do("post", "delete", what, "--as", "ana")
		for _, who := range readers {
			if status, _, body := who.get(t, path, false); status != http.StatusGone || strings.Contains(body, "imanche") {
				t.Errorf("%s, deleted, is still a page: %d", path, status)
			}
		}
	}
	c.later(keptFor)
	for _, address := range addresses {
		for _, document := range []bool{true, false} {
			for _, who := range readers {
				if _, _, body := who.get(t, address, document); strings.Contains(body, "Dimanche") || strings.Contains(body, "Samedi, 10") {
					t.Errorf("%s still shows what was deleted a minute ago", address)
				}
			}
		}
	}
}

// reader is somebody with a browser, signed in or not.
type reader struct {
	*http.Client
	town  *town
	token string
	mark  string // that is on each page shown to this reader, and on no other
}

// reader makes a member and lets them in by a way; "" is a stranger.
func (s *town) reader(name string, way func(r *reader, name string)) *reader {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	r := &reader{Client: &http.Client{Jar: jar, Timeout: client().Timeout, Transport: client().Transport}, town: s}
	r.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if name != "" {
		s.member(name)
		r.mark = `href="/@` + name + `"`
		way(r, name)
	}
	return r
}

func (s *town) signIn(r *reader, name string) {
	s.t.Helper()
	response, err := r.PostForm(s.origin+"/sign-in", url.Values{"login": {name}, "password": {"correct horse battery " + name}})
	must(s.t, err)
	response.Body.Close()
	if response.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("%s signs in: %d", name, response.StatusCode)
	}
}

func (s *town) token(r *reader, name string) {
	s.t.Helper()
	r.token = s.do("account", "token", name).text("token")
}

func (r *reader) get(t *testing.T, path string, document bool) (status int, mediaType, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.town.origin+path, nil)
	must(t, err)
	request.Header.Set("Accept", "text/html")
	if document {
		request.Header.Set("Accept", vocab.MediaType)
	}
	if r.token != "" {
		request.Header.Set("Authorization", "Bearer "+r.token)
	}
	response, err := r.Do(request)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}

// reads looks at an address, as people or as servers do, and at who is named on it.
func (r *reader) reads(t *testing.T, path string, document bool, all []*reader) {
	t.Helper()
	status, mediaType, body := r.get(t, path, document)
	page := strings.HasPrefix(mediaType, "text/html")
	if status == http.StatusOK && both(path) && page == document {
		t.Errorf("%s, asked for a document: %v, is %s", path, document, mediaType)
	}
	for _, other := range all {
		if other.mark == "" {
			continue
		}
		shown := strings.Contains(body, other.mark)
		if shown && (other != r || !page) || !shown && other == r && page && status == http.StatusOK {
			t.Errorf("%s: %d, %s: names %s: %v", path, status, mediaType, other.mark, shown)
		}
	}
}

// both says whether there are a page and a document at an address.
func both(path string) bool {
	for _, start := range []string{"/posts/", "/actors/", "/c/", "/@"} {
		if strings.HasPrefix(path, start) {
			return !strings.HasSuffix(path, "/outbox") && !strings.HasSuffix(path, "/edit") && !strings.HasSuffix(path, ".atom")
		}
	}
	return false
}
