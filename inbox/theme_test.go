package inbox

import (
	"testing"

	"passerelles/access"
	"passerelles/communities"
	"passerelles/posts"
)

// under gives the themes of a post.
func (w *town) under(iri any) (names string) {
	w.t.Helper()
	p, err := w.Posts.ByIRI(w.t.Context(), access.Reader{}, iri.(string))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, th := range p.Themes {
		names += th.Name + " "
	}
	return names
}

// TestThemesOfOthers: a community elsewhere tells its themes by an Update of itself, its posts
// name them, and who moderates it sorts them.
func TestThemesOfOthers(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	theme := func(of *remote, id, name string) object {
		return object{"type": "CommunityPostTag", "id": of.IRI + "/tag/" + id, "preferredUsername": name}
	}
	roses, weeds := theme(g.group, "1", "Roses"), theme(g.group, "2", "Herbes")
	g.group.doc["tag"] = []any{roses, object{"type": "Hashtag", "name": "#jardin"}}
	g.group.doc["lemmy:tagsForPosts"] = []any{object{"type": "lemmy:CommunityTag", "id": weeds["id"], "display_name": "Herbes"}, 7, "x"}
	g.other.doc["tag"] = theme(g.other, "1", "Pommes")
	for _, of := range []*remote{g.group, g.other} {
		of.tells(g.town, of.does("Update", of.doc))
	}
	n := g.bob.note("thorns", object{"audience": g.group.IRI, "tag": []any{object{"type": "CommunityPostTag", "id": roses["id"]}, roses, theme(g.other, "1", "Pommes"), theme(g.group, "9", "Rien")}})
	g.says(g.bob.does("Create", n))
	if got := g.under(n["id"]); got != "Roses " {
		t.Fatalf("it stands under %q", got)
	}
	try := func(name string, by *remote, kind string, th object, wrapped bool, want string) {
		t.Helper()
		g.clock.move(1e9)
		a := with(by.does(kind, n["id"]), object{"target": th["id"], "cc": []string{g.group.IRI}, "published": g.clock.now().Format("2006-01-02T15:04:05Z")})
		if wrapped {
			g.says(a)
		} else {
			by.tells(g.town, a)
		}
		if got := g.under(n["id"]); got != want {
			t.Errorf("%s: it stands under %q, want %q", name, got, want)
		}
	}
	try("a neighbour who moderates nothing", g.ned, "Add", weeds, false, "Roses ")
	try("who moderates it", g.mia, "Add", weeds, false, "Roses Herbes ")
	try("announced by the community", g.ned, "Remove", roses, true, "Herbes ")
	try("a theme of another community", g.mia, "Add", theme(g.other, "1", "Pommes"), false, "Herbes ")
	try("no theme at all", g.mia, "Add", theme(g.group, "9", "Rien"), false, "Herbes ")
}

// TestThemesOfOurs: who animates a community of ours from elsewhere sorts what is in it.
func TestThemesOfOurs(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	mia, mallory := newPeer(t).person("mia"), newPeer(t).person("mallory")
	th, err := w.Communities.AddTheme(t.Context(), w.ana.ID, w.makers.Actor.ID, communities.Worded{Name: "Colle"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Text: "glue"})
	if err != nil {
		t.Fatal(err)
	}
	w.animates(mia)
	for _, tc := range []struct {
		by         *remote
		kind, want string
	}{{mallory, "Add", ""}, {mia, "Add", "Colle "}, {mallory, "Remove", "Colle "}, {mia, "Remove", ""}} {
		w.clock.move(1e9)
		a := with(tc.by.does(tc.kind, p.IRI), object{"target": th.IRI, "cc": []string{w.makers.Actor.IRI}})
		tc.by.tells(w, a)
		if got := w.under(p.IRI); got != tc.want {
			t.Errorf("%s by %s: it stands under %q, want %q", tc.kind, tc.by.IRI, got, tc.want)
		}
	}
	log, err := w.Communities.Rulings(t.Context(), 0, w.makers.Actor.ID, 0, 10)
	if err != nil || len(log) != 2 || log[0].Act != communities.TakeFrom || log[1].Act != communities.PutUnder || log[1].Words != "Colle" {
		t.Errorf("log = %+v, %v", log, err)
	}
}
