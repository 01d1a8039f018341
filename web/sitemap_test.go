package web

import (
	"encoding/xml"
	"slices"
	"testing"
	"time"

	"passerelles/posts"
)

// sitemapRead gives the addresses of the sitemap, made anew.
func (w *town) sitemapRead(t *testing.T) (all []string) {
	t.Helper()
	w.pass(keepSitemap)
	a := w.visitor().get("/sitemap.xml").shows(t, 200)
	var read struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		Pages   []struct {
			Loc     string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 loc"`
			Lastmod string `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 lastmod"`
		} `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 url"`
	}
	if err := xml.Unmarshal([]byte(a.body), &read); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	for _, p := range read.Pages {
		all = append(all, p.Loc)
		if _, err := time.Parse(time.RFC3339, p.Lastmod); p.Lastmod != "" && err != nil {
			t.Error(err)
		}
	}
	return all
}

func TestSearchEnginesShowWhoWantsIt(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.ana, posts.Draft{Title: "Une scie", Text: "."})
	q := w.says(w.ana, posts.Draft{Title: "Un clou", Text: "."})
	community, thread, newer := "/c/makers", postPath(p.ID), postPath(q.ID)
	for _, c := range []struct {
		name           string
		ana, community bool
		listed         []string
	}{
		{"both", true, true, []string{community, newer, thread}},
		{"ana does not", false, true, []string{community}},
		{"the community does not", true, false, nil},
		{"nobody does", false, false, nil},
	} {
		w.lets(w.ana.ID, true, c.ana)
		w.lets(w.makers.Actor.ID, true, c.community)
		var want []string
		for _, path := range c.listed {
			want = append(want, w.server.URL+path)
		}
		if got := w.sitemapRead(t); !slices.Equal(got, want) {
			t.Errorf("%s: the sitemap has %q, want %q", c.name, got, want)
		}
		for _, path := range []string{community, thread} {
			if a := w.visitor().get(path); slices.Contains(c.listed, path) {
				a.shows(t, 200).lacks(t, "noindex")
			} else {
				a.shows(t, 200, `<meta name="robots" content="noindex">`)
			}
		}
	}
}

func TestUnlistedIsNotIndexed(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.lets(w.ana.ID, true, true)
	p := w.says(w.ana, posts.Draft{Title: "Une scie", Text: ".", Scope: posts.Unlisted})
	w.visitor().get(postPath(p.ID)).shows(t, 200, "noindex")
}

func TestSitemapIsBoundedAndKept(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.lets(w.ana.ID, true, true)
	w.says(w.ana, posts.Draft{Title: "Une scie", Text: "."})
	last := w.says(w.ana, posts.Draft{Title: "Un clou", Text: "."})
	all, err := w.pagesToIndex(t.Context(), 2)
	if err != nil || len(all.Pages) != 2 || all.Pages[1].Address != w.server.URL+postPath(last.ID) {
		t.Errorf("two at most = %+v, %v", all, err)
	}
	if got := w.sitemapRead(t); len(got) != 3 {
		t.Errorf("the sitemap has %q", got)
	}
	w.deletes(w.ana, last)
	w.visitor().get("/sitemap.xml").shows(t, 200, postPath(last.ID))
	if got := w.sitemapRead(t); len(got) != 2 {
		t.Errorf("later, the sitemap has %q", got)
	}
}

func TestRobots(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.visitor().get("/robots.txt").shows(t, 200, "User-agent: *\n", "Sitemap: "+w.server.URL+"/sitemap.xml\n")
}
