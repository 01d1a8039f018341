package web

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/posts"
	"passerelles/storage"
)

// feedRead is a feed as a reader of feeds takes it.
type feedRead struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      string      `xml:"http://www.w3.org/2005/Atom id"`
	Title   string      `xml:"http://www.w3.org/2005/Atom title"`
	Updated time.Time   `xml:"http://www.w3.org/2005/Atom updated"`
	Links   []linkRead  `xml:"http://www.w3.org/2005/Atom link"`
	Entries []entryRead `xml:"http://www.w3.org/2005/Atom entry"`
}

type entryRead struct {
	Lang      string       `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID        string       `xml:"http://www.w3.org/2005/Atom id"`
	Title     string       `xml:"http://www.w3.org/2005/Atom title"`
	Published time.Time    `xml:"http://www.w3.org/2005/Atom published"`
	Updated   time.Time    `xml:"http://www.w3.org/2005/Atom updated"`
	Name      string       `xml:"http://www.w3.org/2005/Atom author>name"`
	URI       string       `xml:"http://www.w3.org/2005/Atom author>uri"`
	Links     []linkRead   `xml:"http://www.w3.org/2005/Atom link"`
	Content   *contentRead `xml:"http://www.w3.org/2005/Atom content"`
}

type linkRead struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type contentRead struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

func readFeed(t *testing.T, a answer) (f feedRead) {
	t.Helper()
	a.shows(t, 200)
	if err := xml.Unmarshal([]byte(a.body), &f); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	return f
}

func (f feedRead) titles() (all []string) {
	for _, e := range f.Entries {
		all = append(all, e.Title)
	}
	return all
}

// lets says whether a person or a community of ours is to be discovered, and indexed.
func (w *town) lets(id actors.ID, discovered, indexed bool) {
	w.t.Helper()
	a, err := w.Directory.ByID(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	err = w.DB.Write(w.t.Context(), func(tx storage.Tx) error {
		_, err := w.Directory.UpdateLocal(w.t.Context(), tx, id, actors.Profile{Title: a.Title, Summary: a.Summary,
			Source: a.Source, Discoverable: discovered, Indexable: indexed})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// becomes changes a post behind the back of the rules.
func (w *town) becomes(p posts.Post, change string) {
	w.t.Helper()
	if _, err := w.DB.Exec(w.t.Context(), "UPDATE posts SET "+change+" WHERE id = $1", p.ID); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) deletes(by accounts.Member, p posts.Post) {
	w.t.Helper()
	if err := w.Posts.Delete(w.t.Context(), by.ID, p.ID); err != nil {
		w.t.Fatal(err)
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.lets(w.ana.ID, true, false)
	p := w.says(w.ana, posts.Draft{Title: `Scie & "clous" <b>`, Text: "Pour **samedi**.\n\nEt\x0bdimanche", Language: "fr"})
	at := w.now()
	page := w.server.URL + postPath(p.ID)
	want := entryRead{"fr", p.IRI, `Scie & "clous" <b>`, p.Published.Truncate(time.Second), p.Published.Truncate(time.Second),
		"Ana Tremblay", w.server.URL + "/@ana", []linkRead{{"alternate", "text/html", page}}, &contentRead{"html", p.Content}}
	for path, title := range map[string]string{"/c/makers": "Ateliers partagés", "/@ana": "Ana Tremblay"} {
		a := w.visitor().get(path + "/feed.atom")
		if got := a.header.Get("Content-Type"); got != "application/atom+xml; charset=utf-8" {
			t.Errorf("%s: Content-Type = %q", path, got)
		}
		f := readFeed(t, a)
		links := []linkRead{{"self", "application/atom+xml", w.server.URL + path + "/feed.atom"}, {"alternate", "text/html", w.server.URL + path}}
		if f.Title != title || !strings.HasPrefix(f.ID, w.server.URL+"/actors/") || !f.Updated.Equal(at.Truncate(time.Second)) || !slices.Equal(f.Links, links) {
			t.Errorf("%s: feed = %+v", path, f)
		}
		if !reflect.DeepEqual(f.Entries, []entryRead{want}) {
			t.Errorf("%s: entries = %+v, want %+v", path, f.Entries, want)
		}
		w.visitor().get(path).shows(t, 200, `<link rel="alternate" type="application/atom+xml" href="`+path+`/feed.atom">`)
	}
	if f := readFeed(t, w.visitor().get("/c/makers/feed.atom")); f.Lang != "fr" {
		t.Errorf("language = %q, want that of the community", f.Lang)
	}
}

// Each case is one thread; what its feed and the sitemap show of it.
func TestWhatIsForEverybody(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.lets(w.ana.ID, true, true)
	zoe := w.far("Person", "zoe")
	if _, err := w.DB.Exec(t.Context(), "UPDATE actors SET indexable = true WHERE id = $1", zoe.ID); err != nil {
		t.Fatal(err)
	}
	elsewhere := fmt.Sprintf("author = %d, local = false, announced = ", zoe.ID)
	var fed, listed []string
	for _, c := range []struct {
		title, becomes string
		fed, listed    bool
	}{
		{"public", "", true, true},
		{"unlisted", "scope = 'unlisted'", true, false},
		{"members", "scope = 'members'", false, false},
		{"animators", "scope = 'animators'", false, false},
		{"direct", "scope = 'direct'", false, false},
		{"announced", elsewhere + "true", true, false},
		{"unannounced", elsewhere + "false", false, false},
		{"blanked", "deleted_at = published", false, false},
	} {
		p := w.says(w.ana, posts.Draft{Title: c.title, Text: "."})
		if c.becomes != "" {
			w.becomes(p, c.becomes)
		}
		if c.fed {
			fed = append([]string{c.title}, fed...)
		}
		if c.listed {
			listed = append([]string{w.server.URL + postPath(p.ID)}, listed...)
		}
	}
	w.says(w.ana, posts.Draft{InReplyTo: w.says(w.bob, posts.Draft{Title: "of bob", Text: "."}).ID, Text: "a reply"})
	w.deletes(w.ana, w.says(w.ana, posts.Draft{Title: "deleted", Text: "."}))

	if got, want := readFeed(t, w.visitor().get("/c/makers/feed.atom")).titles(), append([]string{"of bob"}, fed...); !slices.Equal(got, want) {
		t.Errorf("the community's feed has %q, want %q", got, want)
	}
	if got, want := readFeed(t, w.as(w.ana).get("/@ana/feed.atom")).titles(), []string{"a reply", "unlisted", "public"}; !slices.Equal(got, want) {
		t.Errorf("ana's feed has %q for herself, want %q", got, want)
	}
	if got, want := w.sitemapRead(t), append([]string{w.server.URL + "/c/makers"}, listed...); !slices.Equal(got, want) {
		t.Errorf("the sitemap has %q, want %q", got, want)
	}
}

func TestFeedShowsTheWarningAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.says(w.ana, posts.Draft{Title: "Un roman", Text: "Le dénouement", Summary: "Divulgâcheur"})
	w.says(w.ana, posts.Draft{Title: "Un accident", Text: "Le sang", Sensitive: true})
	w.says(w.ana, posts.Draft{Title: "Une tarte", Text: "La recette"})
	a := w.visitor().get("/c/makers/feed.atom").lacks(t, "roman", "dénouement", "accident", "sang").shows(t, 200, "La recette")
	f := readFeed(t, a)
	if got, want := f.titles(), []string{"Une tarte", "Contenu sensible", "Divulgâcheur"}; !slices.Equal(got, want) {
		t.Errorf("titles = %q, want %q", got, want)
	}
	for i, e := range f.Entries {
		if (e.Content != nil) != (i == 0) {
			t.Errorf("%s: content = %+v", e.Title, e.Content)
		}
	}
}

func TestWhoHasAFeed(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.far("Group", "bakers")
	w.lets(w.bob.ID, true, false)
	v := w.visitor()
	v.get("/c/makers/feed.atom").shows(t, 200)
	v.get("/c/MAKERS/feed.atom").shows(t, 200, w.server.URL+"/c/makers/feed.atom")
	v.get("/@bob/feed.atom").shows(t, 200)
	v.get("/@ana").shows(t, 200).lacks(t, "feed.atom")
	v.get("/c/bakers@far.example").shows(t, 200).lacks(t, "feed.atom")
	unknown := v.get("/c/nobody/feed.atom").shows(t, 404)

	if _, err := w.DB.Exec(t.Context(), "UPDATE communities SET access = 'members'"); err != nil {
		t.Fatal(err)
	}
	v.get("/c/makers").shows(t, 200, "noindex").lacks(t, "feed.atom")
	for _, path := range []string{"/c/makers", "/@ana", "/@makers", "/c/bob", "/c/bakers@far.example"} {
		a := v.get(path+"/feed.atom").shows(t, 404)
		if got, want := middle(a.body), middle(unknown.body); got != want {
			t.Errorf("%s is not answered like an unknown name: %s", path, got)
		}
	}
	if got := w.sitemapRead(t); len(got) != 0 {
		t.Errorf("the sitemap has %q", got)
	}
}

func TestFeedIsSentOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.ana, posts.Draft{Title: "Une scie", Text: "."})
	v := w.visitor()
	first := v.get("/c/makers/feed.atom").shows(t, 200)
	if first.header.Get("Set-Cookie") != "" || !strings.HasPrefix(first.header.Get("Cache-Control"), "public") {
		t.Errorf("headers = %v", first.header)
	}
	v.headers.Set("If-None-Match", first.header.Get("ETag"))
	if a := v.get("/c/makers/feed.atom").shows(t, http.StatusNotModified); a.body != "" {
		t.Errorf("body = %q", a.body)
	}
	w.deletes(w.ana, p)
	v.get("/c/makers/feed.atom").shows(t, 200).lacks(t, "scie")
	if a := w.visitor().send(http.MethodHead, "/c/makers/feed.atom", nil).shows(t, 200); a.body != "" {
		t.Errorf("HEAD = %q", a.body)
	}
}
