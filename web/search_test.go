package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// shop is another server: Una writes there, in a community that is called cooks.
type shop struct {
	*httptest.Server
	asked atomic.Int64
	slow  atomic.Bool
}

func newShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *shop) host() string { return strings.TrimPrefix(s.URL, "https://") }

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	if s.slow.Load() {
		<-r.Context().Done()
		return
	}
	answer := s.answer(r)
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	kind := vocab.MediaType
	if strings.HasPrefix(r.URL.Path, "/.well-known/") {
		kind = "application/jrd+json"
	}
	w.Header().Set("Content-Type", kind)
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *shop) answer(r *http.Request) any {
	type object = map[string]any
	lives := func(kind, name string) object {
		iri := s.URL + "/" + name
		return object{"@context": "https://www.w3.org/ns/activitystreams", "id": iri, "type": kind, "preferredUsername": name,
			"name": "La " + name, "inbox": iri + "/inbox", "outbox": iri + "/outbox"}
	}
	say := func(name, parent string, to ...string) object {
		n := object{"@context": "https://www.w3.org/ns/activitystreams", "id": s.URL + "/" + name, "type": "Note", "attributedTo": s.URL + "/una",
			"content": "<p>Mot " + name + "</p>", "to": to, "published": "2026-03-01T10:00:00Z"}
		if parent != "" {
			n["inReplyTo"] = s.URL + "/" + parent
		}
		return n
	}
	switch r.URL.Path {
	case "/.well-known/webfinger":
		subject := r.URL.Query().Get("resource")
		name, _, _ := strings.Cut(strings.TrimPrefix(subject, "acct:"), "@")
		if name != "una" && name != "cooks" {
			return nil
		}
		return object{"subject": subject, "links": []any{object{"rel": "self", "type": vocab.MediaType, "href": s.URL + "/" + name}}}
	case "/una":
		return lives("Person", "una")
	case "/cooks":
		return lives("Group", "cooks")
	case "/start":
		return say("start", "", vocab.Public)
	case "/answer", "/@una/2": // its page answers with it too
		return say("answer", "start", vocab.Public)
	case "/secret":
		return say("secret", "", s.URL+"/una/followers")
	}
	return nil
}

func search(q string) string { return "/search?q=" + url.QueryEscape(q) }

func TestSearchElsewhere(t *testing.T) {
	t.Parallel()
	w, far := newTown(t), newShop(t)
	stranger, bob := w.visitor(), w.as(w.bob)

	for _, typed := range []string{"@una@" + far.host(), "!cooks@" + far.host(), far.URL + "/una", far.URL + "/start"} {
		stranger.get(search(typed)).shows(t, http.StatusNotFound, "n’existe pas")
	}
	if n := far.asked.Load(); n > 0 {
		t.Fatalf("for a stranger another server was asked %d times", n)
	}

	una, cooks := "/@una@"+far.host(), "/c/cooks@"+far.host()
	for typed, page := range map[string]string{
		"@una@" + far.host(): una, "una@" + far.host(): una, "acct:una@" + far.host(): una, far.URL + "/una": una,
		"!cooks@" + far.host(): cooks, " @cooks@" + far.host() + " ": cooks,
	} {
		bob.get(search(typed)).leads(t, page)
	}
	bob.get(una).shows(t, http.StatusOK, "La una", "S’abonner")
	bob.get(cooks).shows(t, http.StatusOK, "La cooks", "S’abonner")

	t.Run("a post is shown in its thread", func(t *testing.T) {
		a := bob.get(search(far.URL + "/answer"))
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/posts/") {
			t.Fatalf("got %d to %q\n%s", a.status, a.location, middle(a.body))
		}
		path, _, _ := strings.Cut(a.location, "#")
		bob.get(path).shows(t, http.StatusOK, "Mot start", "Mot answer")
		bob.get(search(far.URL+"/@una/2")).leads(t, a.location)
	})
	t.Run("what is for others is not shown", func(t *testing.T) {
		bob.get(search(far.URL+"/secret")).shows(t, http.StatusNotFound, "n’existe pas").lacks(t, "Mot secret")
	})
	t.Run("what is not there is told in a sentence", func(t *testing.T) {
		bob.get(search("@nobody@"+far.host())).shows(t, http.StatusNotFound, `role="alert"`)
		bob.get(search(far.URL+"/nothing")).shows(t, http.StatusNotFound, `role="alert"`)
		bob.get(search("https://10.0.0.1/x")).shows(t, http.StatusServiceUnavailable, `role="alert"`)
	})
	t.Run("a community that was found is read through", func(t *testing.T) {
		var n int
		err := w.DB.QueryRow(t.Context(), `SELECT count(*) FROM wanted WHERE kind = 'outbox' AND iri = $1`, far.URL+"/cooks").Scan(&n)
		if err != nil || n != 1 {
			t.Errorf("its outbox is wanted %d times, %v, want once", n, err)
		}
	})
	t.Run("what is known now is found by strangers too", func(t *testing.T) {
		asked := far.asked.Load()
		stranger.get(search("@una@"+far.host())).leads(t, una)
		stranger.get(search(far.URL+"/answer")).shows(t, http.StatusSeeOther)
		if n := far.asked.Load() - asked; n > 0 {
			t.Errorf("the server was asked %d times", n)
		}
	})
	t.Run("a member looks only so often", func(t *testing.T) {
		ana, last := w.as(w.ana), answer{}
		for i := range mostLookups + 1 {
			last = ana.get(search(fmt.Sprintf("@nobody%d@%s", i, far.host())))
		}
		last.shows(t, http.StatusTooManyRequests, "Vous avez beaucoup cherché")
		if last.header.Get("Retry-After") != "600" {
			t.Errorf("Retry-After: %q", last.header.Get("Retry-After"))
		}
		ana.get("/follow?who="+url.QueryEscape("@una@"+far.host())).shows(t, http.StatusTooManyRequests)
		ana.get(search("@una@"+far.host())).leads(t, una) // known
		bob.get(search("@other@"+far.host())).shows(t, http.StatusNotFound)
		w.pass(lookupsIn)
		ana.get(search("@nobody0@"+far.host())).shows(t, http.StatusNotFound)
	})
	t.Run("a server that does not answer is left in time", func(t *testing.T) {
		far.slow.Store(true)
		began := time.Now()
		bob.get(search("@late@"+far.host())).shows(t, http.StatusServiceUnavailable, `role="alert"`)
		if took := time.Since(began); took > lookFor+3*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestSearchWords(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.far("Group", "bakers")
	w.far("Person", "hidden")
	w.says(w.ana, posts.Draft{Title: "Métiers d’art", Text: "Un atelier de *reliure* & l’œuvre."})
	w.says(w.bob, posts.Draft{Title: "Secret", Text: "La reliure cachée, @ana", Scope: posts.Direct})
	w.says(w.ana, posts.Draft{Title: "Discret", Text: "La reliure discrète.", Scope: posts.Unlisted})
	gone := w.says(w.ana, posts.Draft{Title: "Effacé", Text: "Une reliure."})
	if err := w.Posts.Delete(t.Context(), w.ana.ID, gone.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Millisecond)
	if _, err := w.Posts.Publish(t.Context(), w.bob.ID, posts.Draft{Text: "Ma reliure à moi."}); err != nil {
		t.Fatal(err)
	}
	stranger, ana, bob := w.visitor(), w.as(w.ana), w.as(w.bob)

	for _, typed := range []string{"reliure", "METIERS", "métier", "ateliers reliure", "oeuvre", "reli"} {
		stranger.get(search(typed)).shows(t, http.StatusOK, "Métiers d’art").lacks(t, "Secret", "Discret", "Effacé", "Ma reliure à moi")
	}
	ana.get(search("reliure")).shows(t, http.StatusOK, "Métiers d’art", "Secret", "Discret").lacks(t, "Effacé", "Ma reliure à moi")
	bob.get(search("reliure")).shows(t, http.StatusOK, "Métiers d’art", "Secret", "Ma reliure à moi").lacks(t, "Discret")
	for _, typed := range []string{"introuvable", "reliure introuvable", "& | ! ' : *", "le", strings.Repeat("long", 3000)} {
		stranger.get(search(typed)).shows(t, http.StatusOK, "Rien ne correspond")
	}

	t.Run("people and communities by name", func(t *testing.T) {
		stranger.get(search("ateliers partages")).shows(t, http.StatusOK, `href="/c/makers"`, "Ateliers partagés")
		stranger.get(search("far")).shows(t, http.StatusOK, "Far bakers").lacks(t, "Far hidden")
		stranger.get(search("hidden")).shows(t, http.StatusOK, "Far hidden")
		stranger.get(search("tremblay")).shows(t, http.StatusOK, "Rien ne correspond")
	})
	t.Run("those of ours by handle", func(t *testing.T) {
		stranger.get(search("@ana")).leads(t, "/@ana")
		stranger.get(search("@makers")).leads(t, "/c/makers")
		stranger.get(search("@nobody")).shows(t, http.StatusNotFound, "n’existe pas")
		stranger.get(search(w.server.URL+"/c/makers")).leads(t, "/c/makers")
		stranger.get(search(w.server.URL+"//evil.example")).leads(t, "/")
	})
	t.Run("a confidential community is nobody", func(t *testing.T) {
		if _, err := w.DB.Exec(t.Context(), `UPDATE communities SET access = 'confidential'`); err != nil {
			t.Fatal(err)
		}
		unknown := stranger.get(search("@nobody")).shows(t, http.StatusNotFound)
		known := stranger.get(search("@makers")).shows(t, http.StatusNotFound)
		if strings.ReplaceAll(known.body, "makers", "nobody") != unknown.body {
			t.Error("the answer tells it from a name that nobody has")
		}
		stranger.get(search("ateliers")).lacks(t, "Ateliers partagés", "Métiers d’art")
	})
	t.Run("in English", func(t *testing.T) {
		english := w.visitor()
		english.headers.Set("Accept-Language", "en")
		english.get(search("introuvable")).shows(t, http.StatusOK, "Nothing matches this search")
	})
}

// TestSearchPages goes on where the first page of results ends.
func TestSearchPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for i := range rowsPerPage + 1 {
		w.says(w.ana, posts.Draft{Title: fmt.Sprintf("Reliure %02d", i), Text: "Un livre."})
	}
	first := w.visitor().get(search("un livre")).shows(t, http.StatusOK, "Reliure 20", "Reliure 01").lacks(t, "Reliure 00")
	_, rest, _ := strings.Cut(first.body, `href="/search?q=un&#43;livre&amp;before=`)
	before, _, _ := strings.Cut(rest, `"`)
	w.visitor().get("/search?q=un+livre&before="+before).shows(t, http.StatusOK, "Reliure 00").lacks(t, "Reliure 01")
}

// TestLongPostIsKept writes more words than PostgreSQL can index.
func TestLongPostIsKept(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	una := w.far("Person", "una")
	var b strings.Builder
	b.WriteString("premier ")
	for i := range 150_000 {
		fmt.Fprintf(&b, "%x ", i)
	}
	note := vocab.Note{ID: una.IRI + "/1", Type: "Note", AttributedTo: una.IRI, Authors: []string{una.IRI}, Content: b.String(),
		To: []string{vocab.Public}, Published: w.now()}
	err := w.DB.Write(t.Context(), func(tx storage.Tx) error {
		_, err := w.Posts.Receive(t.Context(), tx, posts.In{Note: note, Author: una})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
