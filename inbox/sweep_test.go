package inbox

import (
	"testing"
	"time"
)

// TestSweepOfWhatWasDeleted blanks what came about posts that are deleted, however
// late it came, and nothing else.
func TestSweepOfWhatWasDeleted(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	here := newPeer(t)
	bob, cleo := here.person("bob"), here.person("cleo")
	garden := newPeer(t).group("garden")
	w.follower(garden)
	first, other := bob.note("secret", nil), cleo.note("open", nil)
	create, announce := bob.does("Create", first), garden.does("Announce", bob.does("Create", first))
	stays := cleo.does("Create", other)
	for _, said := range []struct {
		by *remote
		a  object
	}{{bob, create}, {garden, announce}, {cleo, stays}} {
		said.by.tells(w, said.a)
	}
	w.drain()
	body := func(a object) bool {
		return w.number(`SELECT count(body) FROM received WHERE iri = $1`, a["id"]) == 1
	}
	var since time.Time
	sweep := func() {
		t.Helper()
		if err := w.Sweep(t.Context(), since); err != nil {
			t.Fatal(err)
		}
		since = w.clock.now()
	}
	sweep()
	w.clock.move(3 * time.Hour)
	sweep()
	if !body(create) || !body(announce) || !body(stays) {
		t.Fatal("bodies are gone before anything was deleted")
	}

	bob.tells(w, bob.does("Delete", first["id"]))
	w.drain()
	w.clock.move(2 * time.Hour)
	sweep()
	for iri, got := range map[any]bool{create["id"]: body(create), announce["id"]: body(announce)} {
		if got {
			t.Errorf("%s still has its body", iri)
		}
		if n := w.number(`SELECT count(*) FROM received WHERE iri = $1 AND digest IS NOT NULL`, iri); n != 1 {
			t.Errorf("%s: %d rows, want its id and digest", iri, n)
		}
	}
	if !body(stays) {
		t.Error("the body about another post is gone")
	}

	w.clock.move(3 * time.Hour)
	late := bob.does("Update", first)
	bob.tells(w, late)
	w.drain()
	w.clock.move(2 * time.Hour)
	sweep()
	if body(late) {
		t.Error("what came after the deletion still has its body")
	}
	if n := w.number(`SELECT count(*) FROM tombstones WHERE iri = $1`, first["id"]); n != 1 {
		t.Errorf("%d tombstones, want 1", n)
	}
}

// TestSweepOfWhatStoodInOtherActivities blanks what held a deleted post in another way than
// its Create.
func TestSweepOfWhatStoodInOtherActivities(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ours, bob := w.glue(), newPeer(t).person("bob")
	secret := bob.note("secret", object{"cc": []string{w.anaIRI}})
	acts := []object{
		with(bob.does("QuoteRequest", ours.IRI), object{"instrument": secret}),
		bob.does("Add", secret),
		bob.does("Like", secret),
		bob.does("Undo", bob.does("Announce", secret)),
		bob.does("Undo", bob.does("Announce", bob.does("Create", secret))),
		bob.does("Offer", secret),
	}
	for _, a := range acts {
		bob.tells(w, a)
	}
	bob.tells(w, bob.does("Delete", secret["id"]))
	w.clock.move(2 * time.Hour)
	if err := w.Sweep(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, a := range acts {
		if n := w.number(`SELECT count(*) FROM received WHERE iri = $1 AND position('secret'::bytea in body) > 0`, a["id"]); n > 0 {
			t.Errorf("%s still holds the post", a["type"])
		}
	}
}

// TestSweepLeavesWhatWaits keeps the body of what is still to be applied, however old.
func TestSweepLeavesWhatWaits(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	bob.tells(w, bob.does("Like", bob.URL+"/1"))
	bob.tells(w, bob.does("Like", bob.URL+"/2"))
	if _, err := w.db.Exec(t.Context(), `
		INSERT INTO inbox_queue (received, due_at)
		SELECT max(id), max(arrived)
		FROM received
		ON CONFLICT DO NOTHING`); err != nil {
		t.Fatal(err)
	}
	waiting := w.number(`SELECT count(*) FROM inbox_queue`)
	w.clock.move(31 * 24 * time.Hour)
	if err := w.Sweep(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(body) FROM received`); n != waiting {
		t.Errorf("%d bodies, want the %d that wait", n, waiting)
	}
}
