package web

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"reflect"
	"regexp"
	"testing"

	"passerelles/accounts"
	"passerelles/posts"
)

var (
	ogMeta = regexp.MustCompile(`<meta property="og:([a-z_]+)" content="([^"]*)">`)
	ldJSON = regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)
)

// openGraph gives what a page says to those who unfold a link to it.
func (a answer) openGraph() map[string]string {
	said := map[string]string{}
	for _, m := range ogMeta.FindAllStringSubmatch(a.body, -1) {
		said[m[1]] = html.UnescapeString(m[2])
	}
	return said
}

// data gives what a page says to search engines, nil for nothing.
func (a answer) data(t *testing.T) (said map[string]any) {
	t.Helper()
	found := ldJSON.FindStringSubmatch(a.body)
	if found == nil {
		return nil
	}
	if err := json.Unmarshal([]byte(found[1]), &said); err != nil {
		t.Fatalf("%v\n%s", err, found[1])
	}
	return said
}

func TestCards(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.lets(w.ana.ID, false, true)
	p := w.says(w.ana, posts.Draft{Title: `Une "scie" & <b>`, Text: "Pour **samedi**.", Language: "fr"})
	w.says(w.bob, posts.Draft{InReplyTo: p.ID, Text: "La mienne."})
	site, thread, at := w.server.URL, w.server.URL+postPath(p.ID), atomTime(p.Published)
	common := map[string]string{"site_name": "Passerelles", "locale": "fr_CA"}
	for _, c := range []struct {
		path string
		og   map[string]string
		data map[string]any
	}{
		{postPath(p.ID), map[string]string{"type": "article", "url": thread, "title": `Une "scie" & <b>`, "description": "Pour samedi."},
			map[string]any{"@context": "https://schema.org", "@type": "DiscussionForumPosting", "@id": p.IRI, "url": thread,
				"headline": `Une "scie" & <b>`, "text": "Pour samedi.", "inLanguage": "fr", "datePublished": at, "dateModified": at,
				"commentCount": 1.0, "author": map[string]any{"@type": "Person", "name": "Ana Tremblay", "url": site + "/@ana"},
				"isPartOf": map[string]any{"@type": "WebPage", "name": "Ateliers partagés", "url": site + "/c/makers"}}},
		{"/c/makers", map[string]string{"type": "website", "url": site + "/c/makers", "title": "Ateliers partagés", "description": "Pour qui fait vivre un atelier."},
			map[string]any{"@context": "https://schema.org", "@type": "Organization", "@id": w.makers.Actor.IRI, "url": site + "/c/makers",
				"name": "Ateliers partagés", "alternateName": w.address(w.makers.Actor), "description": "Pour qui fait vivre un atelier."}},
		{"/@ana", map[string]string{"type": "profile", "url": site + "/@ana", "title": "Ana Tremblay"},
			map[string]any{"@context": "https://schema.org", "@type": "ProfilePage", "url": site + "/@ana", "mainEntity": map[string]any{
				"@type": "Person", "@id": p.Author.IRI, "url": site + "/@ana", "name": "Ana Tremblay", "alternateName": w.address(p.Author)}}},
	} {
		a := w.visitor().get(c.path).shows(t, 200)
		maps.Copy(c.og, common)
		if got := a.openGraph(); !maps.Equal(got, c.og) {
			t.Errorf("%s: Open Graph = %q, want %q", c.path, got, c.og)
		}
		if got := a.data(t); !reflect.DeepEqual(got, c.data) {
			t.Errorf("%s: data = %v, want %v", c.path, got, c.data)
		}
	}
}

func TestCardsAreForStrangers(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.lets(w.ana.ID, false, true)
	p := w.says(w.ana, posts.Draft{Title: "Une scie", Text: "Pour samedi."})
	path := postPath(p.ID)
	w.visitor().get(path).shows(t, 200, "og:title", "ld+json")

	w.becomes(p, "scope = 'members'")
	w.visitor().get(path).shows(t, 404).lacks(t, "og:", "ld+json", "scie")
	w.as(w.ana).get(path).shows(t, 200, "Une scie").lacks(t, "og:", "ld+json")
	w.becomes(p, "scope = 'public'")

	t.Run("a warning is told alone", func(t *testing.T) {
		q := w.says(w.ana, posts.Draft{Title: "Un roman", Text: "Le dénouement", Summary: "Divulgâcheur"})
		a := w.visitor().get(postPath(q.ID)).shows(t, 200, "Le dénouement")
		said := fmt.Sprint(a.openGraph(), a.data(t))
		if og := a.openGraph(); og["title"] != "Divulgâcheur" || og["description"] != "" || regexp.MustCompile("roman|dénouement").MatchString(said) {
			t.Errorf("said = %s", said)
		}
	})
	t.Run("search engines are told nothing of what they may not show", func(t *testing.T) {
		q := w.says(w.bob, posts.Draft{Title: "Un clou", Text: "Rouillé."})
		for _, path := range []string{postPath(q.ID), "/@bob"} {
			w.visitor().get(path).shows(t, 200, "og:title", "noindex").lacks(t, "ld+json")
		}
	})
	t.Run("what was begun elsewhere is told there", func(t *testing.T) {
		w.far("Group", "bakers")
		w.becomes(p, fmt.Sprintf("local = false, announced = true, author = %d", w.far("Person", "zoe").ID))
		for _, path := range []string{path, "/c/bakers@far.example", "/@zoe@far.example"} {
			w.visitor().get(path).shows(t, 200).lacks(t, "og:", "ld+json")
		}
	})
}

func TestNothingInACardBecomesHTML(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const evil = `</script><script>alert(1)</script>"'><img src=x onerror=alert(1)><!--`
	eve := w.member("eve", evil)
	if _, err := w.Accounts.UpdateProfile(t.Context(), eve.ID, accounts.Profile{Title: evil, Source: evil}); err != nil {
		t.Fatal(err)
	}
	w.lets(eve.ID, true, true)
	p := w.says(eve, posts.Draft{Title: evil, Text: evil})
	for _, path := range []string{"/@eve", postPath(p.ID)} {
		a := w.visitor().get(path).shows(t, 200, "ld+json").lacks(t, "<script>", "<img", `"'>`)
		if len(a.data(t)) == 0 || a.openGraph()["title"] != evil {
			t.Errorf("%s: %v, %v", path, a.openGraph(), a.data(t))
		}
	}
}
