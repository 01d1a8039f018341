package inbox

import (
	"testing"

	"passerelles/access"
	"passerelles/posts"
	"passerelles/storage"
)

func TestQuoteRequest(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob, eve := w.glue(), newPeer(t).person("bob"), newPeer(t).person("eve")
	unlisted, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Text: "softly", Scope: posts.Unlisted})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(by *remote, post string) object {
		return with(by.does("QuoteRequest", post), object{"instrument": by.note("see this", object{"quote": post})})
	}
	answers := func(kind string, a object) int {
		return w.number(`SELECT count(*) FROM activities WHERE type = $1 AND position($2::bytea in body) > 0`, kind, []byte(a["id"].(string)))
	}
	first := ask(bob, p.IRI)
	bob.tells(w, first)
	if answers("Accept", first) != 1 {
		t.Fatal("a public post may not be quoted")
	}
	var id int64
	if err := w.db.QueryRow(t.Context(), `SELECT id FROM quotes`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	leave, err := w.Posts.QuoteAuthorization(t.Context(), p.ID, id)
	if err != nil || leave.InteractingObject != first["instrument"].(object)["id"] || leave.InteractionTarget != p.IRI || leave.AttributedTo != w.anaIRI {
		t.Errorf("leave = %+v, %v", leave, err)
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Accept' AND position($1::bytea in body) > 0`, []byte(leave.ID)); n != 1 {
		t.Error("the answer does not name the leave")
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE position('see this'::bytea in body) > 0`); n != 0 {
		t.Error("the answer holds the post that quotes")
	}
	bob.tells(w, first)
	if n := w.number(`SELECT count(*) FROM quotes`); n != 1 {
		t.Errorf("%d leaves, want the same again", n)
	}
	not := ask(bob, unlisted.IRI)
	bob.tells(w, not)
	if answers("Reject", not) != 1 {
		t.Error("an unlisted post may be quoted")
	}
	if _, err := w.db.Exec(t.Context(), `UPDATE posts SET scope = 'direct' WHERE id = $1`, unlisted.ID); err != nil {
		t.Fatal(err)
	}
	secret := ask(eve, unlisted.IRI)
	eve.tells(w, secret)
	if answers("Accept", secret)+answers("Reject", secret) != 0 {
		t.Error("it tells that a post is there which is not for them")
	}
	foreign := with(ask(bob, p.IRI), object{"instrument": eve.note("not mine")["id"]})
	bob.tells(w, foreign)
	if answers("Accept", foreign) != 0 {
		t.Error("one asked for another's post")
	}
	if err := w.db.Write(t.Context(), func(tx storage.Tx) error {
		return access.Block(t.Context(), tx, w.ana.ID, w.actor(bob).ID, w.clock.now())
	}); err != nil {
		t.Fatal(err)
	}
	refused := ask(bob, p.IRI)
	bob.tells(w, refused)
	if answers("Reject", refused) != 1 {
		t.Error("who is blocked may quote")
	}
	if err := w.Posts.Delete(t.Context(), w.ana.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Posts.QuoteAuthorization(t.Context(), p.ID, id); err == nil {
		t.Error("there is leave to quote what is gone")
	}
	if n := w.number(`
		SELECT count(*)
		FROM activities a JOIN deliveries d ON d.activity = a.id JOIN actors to_bob ON to_bob.iri = $2
		WHERE a.type = 'Delete' AND a.actor = $3
			AND position($1::bytea in a.body) > 0 AND position('"QuoteAuthorization"'::bytea in a.body) > 0
			AND position(to_bob.iri::bytea in a.body) > 0`, []byte(leave.ID), bob.IRI, w.ana.ID); n != 1 {
		t.Errorf("bob is told %d times that the leave ends, want once", n)
	}
}

// TestLeaveThatEnds hears that leave to quote, or to answer, is taken back. Nobody here quotes.
func TestLeaveThatEnds(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	for _, kind := range []string{"QuoteAuthorization", "LikeAuthorization", "AnnounceAuthorization", "LikeApproval"} {
		over := bob.does("Delete", object{"id": bob.URL + "/stamps/" + kind, "type": kind, "attributedTo": bob.IRI,
			"interactingObject": p.IRI, "interactionTarget": bob.URL + "/notes/1"})
		before := w.number(`SELECT count(*) FROM tombstones`)
		bob.tells(w, over)
		if got := w.outcomeOf(over); got != "ignored" {
			t.Errorf("%s: %s, want ignored", kind, got)
		}
		if w.number(`SELECT count(*) FROM tombstones`) != before || !w.shown(p.IRI) {
			t.Errorf("%s: something was deleted", kind)
		}
	}
}
