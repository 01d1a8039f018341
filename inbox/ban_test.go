package inbox

import (
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
)

// animates makes somebody elsewhere an animator of makers.
func (w *town) animates(r *remote) actors.Actor {
	w.t.Helper()
	a, err := w.Directory.Resolve(w.t.Context(), r.IRI)
	if err == nil {
		_, err = w.db.Exec(w.t.Context(), `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, w.makers.Actor.ID, a.ID)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// TestBanFromElsewhere: an animator who lives elsewhere keeps somebody out of a community of ours, as
// one of ours does; nobody else does.
func TestBanFromElsewhere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	mia, bob, eve := newPeer(t).person("mia"), newPeer(t).person("bob"), newPeer(t).person("eve")
	w.animates(mia)
	note := bob.note("loud", object{"to": []string{w.makers.Actor.IRI, "https://www.w3.org/ns/activitystreams#Public"}, "audience": w.makers.Actor.IRI})
	bob.tells(w, bob.does("Follow", w.makers.Actor.IRI))
	bob.tells(w, bob.does("Create", note))
	if !w.shown(note["id"]) {
		t.Fatal("what bob wrote is not shown")
	}
	block := func(by *remote) object {
		a := by.does("Block", bob.IRI)
		a["target"], a["cc"], a["summary"], a["removeData"] = w.makers.Actor.IRI, []string{w.makers.Actor.IRI}, "loud", true
		a["endTime"] = w.clock.now().Add(24 * time.Hour).Format(time.RFC3339)
		return a
	}
	forged := block(eve)
	eve.tells(w, forged)
	if got, _ := w.outcome(forged["id"].(string)); got != "refused" || !w.shown(note["id"]) {
		t.Errorf("eve's Block is %s", got)
	}
	real := block(mia)
	mia.tells(w, real)
	if got, why := w.outcome(real["id"].(string)); got != "applied" || w.shown(note["id"]) {
		t.Fatalf("mia's Block is %s: %s; the post is shown: %v", got, why, w.shown(note["id"]))
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Announce' AND convert_from(body, 'UTF8') LIKE '%"Block"%' AND actor = $1`, w.makers.Actor.ID); n != 1 {
		t.Errorf("announced %d times, want once", n)
	}
	rulings, err := w.Communities.Rulings(t.Context(), w.ana.ID, w.makers.Actor.ID, 0, 10)
	if err != nil || len(rulings) != 1 || rulings[0].Act != communities.Banish || rulings[0].Reason != "loud" || rulings[0].By != w.actor(mia).ID || rulings[0].Until == nil {
		t.Errorf("rulings %+v, %v", rulings, err)
	}
	again := bob.note("again", object{"to": []string{w.makers.Actor.IRI, "https://www.w3.org/ns/activitystreams#Public"}, "audience": w.makers.Actor.IRI})
	for name, a := range map[string]object{"writes": bob.does("Create", again), "likes": bob.does("Like", w.glue().IRI)} {
		bob.tells(w, a)
		if got, _ := w.outcome(a["id"].(string)); got != "refused" {
			t.Errorf("banned, bob %s: %s", name, got)
		}
	}
	follow := bob.does("Follow", w.makers.Actor.IRI)
	bob.tells(w, follow)
	if f, err := w.Directory.FollowOf(t.Context(), w.db, w.makers.Actor.ID, w.actor(bob).ID); err != nil || f.State == actors.Accepted {
		t.Errorf("bob follows: %q, %v", f.State, err)
	}
	undo := mia.does("Undo", real)
	mia.tells(w, undo)
	if got, why := w.outcome(undo["id"].(string)); got != "applied" {
		t.Errorf("mia's Undo is %s: %s", got, why)
	}
	if err := access.RefuseBanned(t.Context(), w.db, w.makers.Actor.ID, w.actor(bob).ID, w.clock.now()); err != nil {
		t.Errorf("let in again, bob is refused: %v", err)
	}
	late := bob.does("Follow", w.makers.Actor.IRI)
	bob.tells(w, late)
	if f, err := w.Directory.FollowOf(t.Context(), w.db, w.makers.Actor.ID, w.actor(bob).ID); err != nil || f.State != actors.Accepted {
		t.Errorf("let in again, bob follows: %q, %v", f.State, err)
	}
}

// TestBanUndoneFirst: an Undo that comes before its Block keeps it from being applied.
func TestBanUndoneFirst(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	mia, bob := newPeer(t).person("mia"), newPeer(t).person("bob")
	w.animates(mia)
	bob.tells(w, bob.does("Follow", w.makers.Actor.IRI))
	block := mia.does("Block", bob.IRI)
	block["target"] = w.makers.Actor.IRI
	mia.tells(w, mia.does("Undo", block))
	mia.tells(w, block)
	if n := w.number(`SELECT count(*) FROM bans`); n != 0 {
		t.Errorf("%d bans, want none", n)
	}
}

// TestReplyToLetter: what answers the letter of a community is for those who animate it, and no post.
func TestReplyToLetter(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	club, err := w.Communities.Create(t.Context(), communities.New{Name: "club", Title: "Club", Access: actors.ForMembers, Animator: w.ana.ID})
	if err == nil {
		_, err = w.Communities.SetCharter(t.Context(), w.ana.ID, club.Actor.ID, "On s’écoute.")
	}
	if err != nil {
		t.Fatal(err)
	}
	bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
	bob.tells(w, bob.does("Follow", club.Actor.IRI))
	var letter string
	if err := w.db.QueryRow(t.Context(), `SELECT iri FROM letters`).Scan(&letter); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM deliveries d JOIN activities a ON a.id = d.activity WHERE a.type = 'Create'`); n != 1 {
		t.Errorf("%d deliveries of the letter, want 1", n)
	}
	reply := func(by *remote, text string) object {
		return by.does("Create", by.note(text, object{"inReplyTo": letter, "to": []string{club.Actor.IRI}, "cc": []string{}}))
	}
	mine, forged := reply(bob, "Yes, I bake."), reply(eve, "Let him in!")
	for _, p := range []struct {
		by   *remote
		what object
		want string
	}{{eve, forged, "refused"}, {bob, mine, "applied"}} {
		p.by.tells(w, p.what)
		if got, why := w.outcome(p.what["id"].(string)); got != p.want {
			t.Errorf("%s's reply is %s: %s", p.by.IRI, got, why)
		}
	}
	if n := w.number(`SELECT count(*) FROM posts`); n != 0 {
		t.Errorf("%d posts, want none", n)
	}
	list, err := w.Communities.Requests(t.Context(), w.ana.ID, club.Actor.ID, 10)
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Words, "I bake") || list[0].Charter != 1 {
		t.Errorf("asking: %+v, %v", list, err)
	}
}
