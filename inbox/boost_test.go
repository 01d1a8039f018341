package inbox

import (
	"net/http"
	"strings"
	"testing"

	"passerelles/communities"
	"passerelles/posts"
)

// TestBoosts: a person elsewhere shares what everybody may see.
func TestBoosts(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	near, far := newPeer(t), newPeer(t)
	bob, zoe := near.person("bob"), far.person("zoe")
	count := func(t *testing.T, iri any, want int) {
		t.Helper()
		if n := w.number(`SELECT count(*) FROM boosts b JOIN posts p ON p.id = b.post WHERE p.iri = $1`, iri); n != want {
			t.Errorf("%v is shared %d times, want %d", iri, n, want)
		}
	}
	publish := func(t *testing.T, d posts.Draft) posts.Post {
		t.Helper()
		p, err := w.Posts.Publish(t.Context(), w.ana.ID, d)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}

	t.Run("ours, once, until it is taken back", func(t *testing.T) {
		p := publish(t, posts.Draft{Text: "To share"})
		a := bob.does("Announce", p.IRI)
		bob.tells(w, a)
		bob.tells(w, bob.does("Announce", p.IRI))
		count(t, p.IRI, 1)
		bob.tells(w, bob.does("Undo", a["id"]))
		count(t, p.IRI, 0)
	})
	t.Run("taken back by what it shares", func(t *testing.T) {
		p := publish(t, posts.Draft{Text: "Again"})
		a := bob.does("Announce", p.IRI)
		bob.tells(w, a)
		zoe.tells(w, zoe.does("Undo", a["id"]))
		count(t, p.IRI, 1)
		bob.tells(w, bob.does("Undo", a))
		count(t, p.IRI, 0)
	})
	t.Run("taken back before it came", func(t *testing.T) {
		p := publish(t, posts.Draft{Text: "Never mind"})
		a := bob.does("Announce", p.IRI)
		bob.tells(w, bob.does("Undo", a))
		bob.tells(w, a)
		count(t, p.IRI, 0)
	})
	t.Run("not what is for members", func(t *testing.T) {
		p := publish(t, posts.Draft{Community: w.makers.Actor.ID, Title: "Among us", Text: "Only", Scope: posts.Members})
		bob.tells(w, bob.does("Announce", p.IRI))
		count(t, p.IRI, 0)
	})
	t.Run("not what is public in a community that is confidential", func(t *testing.T) {
		c, err := w.Communities.Create(t.Context(), communities.New{Name: "circle", Title: "Circle", Animator: w.ana.ID, Access: "confidential"})
		if err != nil {
			t.Fatal(err)
		}
		p := publish(t, posts.Draft{Community: c.Actor.ID, Title: "Between us", Text: "Only"})
		bob.tells(w, bob.does("Announce", p.IRI))
		count(t, p.IRI, 0)
	})
	t.Run("not of whom the author has blocked", func(t *testing.T) {
		kim := near.person("kim")
		there, err := w.Directory.Resolve(t.Context(), kim.IRI)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Accounts.Block(t.Context(), w.ana.ID, there); err != nil {
			t.Fatal(err)
		}
		p := publish(t, posts.Draft{Text: "Not for Kim"})
		kim.tells(w, kim.does("Announce", p.IRI))
		count(t, p.IRI, 0)
	})
	t.Run("of a stranger nothing is fetched", func(t *testing.T) {
		note := zoe.note("unasked")
		bob.tells(w, bob.does("Announce", note["id"]))
		count(t, note["id"], 0)
		if n := far.asked(strings.TrimPrefix(note["id"].(string), far.URL)); n != 0 {
			t.Errorf("asked %d times, want 0", n)
		}
	})
	w.follower(bob)
	t.Run("of whom somebody follows it is, from its origin", func(t *testing.T) {
		note := zoe.note("true words")
		forged := clone(note)
		forged["content"] = "false words"
		bob.tells(w, bob.does("Announce", forged))
		count(t, note["id"], 1)
		if p, err := w.post(note["id"]); err != nil || !strings.Contains(p.Content, "true words") {
			t.Errorf("it says %q, %v", p.Content, err)
		}
	})
	t.Run("also what its own server wrote", func(t *testing.T) {
		note := bob.note("mine")
		near.shows(strings.TrimPrefix(note["id"].(string), near.URL), http.StatusNotFound)
		a := bob.does("Announce", note)
		bob.tells(w, a)
		if outcome, reason := w.outcome(a["id"].(string)); outcome != "refused" {
			t.Errorf("outcome = %s %s, want refused", outcome, reason)
		}
	})
	t.Run("of several at once nothing", func(t *testing.T) {
		one, other := publish(t, posts.Draft{Text: "One"}), publish(t, posts.Draft{Text: "Other"})
		bob.tells(w, bob.does("Announce", []string{one.IRI, other.IRI}))
		count(t, one.IRI, 0)
		count(t, other.IRI, 0)
	})
	t.Run("what is deleted is shared no more", func(t *testing.T) {
		p := publish(t, posts.Draft{Text: "Short"})
		bob.tells(w, bob.does("Announce", p.IRI))
		count(t, p.IRI, 1)
		if err := w.Posts.Delete(t.Context(), w.ana.ID, p.ID); err != nil {
			t.Fatal(err)
		}
		count(t, p.IRI, 0)
	})
}
