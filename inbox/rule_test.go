package inbox

import (
	"maps"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/posts"
)

// garden is a community elsewhere that Ana follows, with Bob's post and Ana's in it, Mia
// who moderates it, Ned who lives on its server, and another community, on the same server.
type garden struct {
	*town
	group, other, mia, ned, bob *remote
	note                        object
	anas                        posts.Post
}

func newGarden(t *testing.T) garden {
	t.Helper()
	g := garden{town: newTown(t)}
	server, away := newPeer(t), newPeer(t)
	g.group, g.other = server.group("garden"), server.group("orchard")
	for _, of := range []*remote{g.group, g.other} {
		of.doc["featured"], of.doc["attributedTo"] = of.IRI+"/featured", of.IRI+"/moderators"
	}
	g.ned, g.mia, g.bob = server.person("ned"), newPeer(t).person("mia"), away.person("bob")
	there := g.follower(g.group)
	g.follower(g.other)
	g.says(g.ned.does("Add", g.mia.IRI), object{"target": g.group.IRI + "/moderators"})
	g.note = g.bob.note("roses", object{"audience": g.group.IRI})
	g.says(g.bob.does("Create", g.note))
	var err error
	if g.anas, err = g.Posts.Publish(t.Context(), g.ana.ID, posts.Draft{Community: there.ID, Title: "Seeds", Text: "Which?"}); err != nil {
		t.Fatal(err)
	}
	return g
}

// says has the garden announce an activity, and gives the announcement.
func (g garden) says(inner object, more ...object) object {
	g.t.Helper()
	for _, m := range more {
		for k, v := range m {
			inner[k] = v
		}
	}
	a := g.group.does("Announce", inner)
	g.group.tells(g.town, a)
	return a
}

// shown says whether a stranger sees a post.
func (w *town) shown(iri any) bool {
	_, err := w.Posts.ByIRI(w.t.Context(), access.Reader{}, iri.(string))
	return err == nil
}

// holds counts the marks that a community put.
func (g garden) holds(of *remote, mark string, post any) bool {
	return g.number(`
		SELECT count(*) FROM post_marks m JOIN actors a ON a.id = m.community
		WHERE a.iri = $1 AND m.mark = $2 AND m.post = $3 AND m.holds`, of.IRI, mark, post) == 1
}

func (g garden) roleHolds(of *remote, role, who string) bool {
	return g.number(`
		SELECT count(*) FROM roles_elsewhere r JOIN actors a ON a.id = r.community
		WHERE a.iri = $1 AND r.role = $2 AND r.who = $3 AND r.holds`, of.IRI, role, who) == 1
}

func with(a object, more object) object {
	both := maps.Clone(a)
	maps.Copy(both, more)
	return both
}

// TestWhoModerates tries each ruling by who may and by who may not.
func TestWhoModerates(t *testing.T) {
	t.Parallel()
	target := func(list string) func(g garden) object {
		return func(g garden) object { return object{"target": g.group.IRI + "/" + list, "cc": []string{g.group.IRI}} }
	}
	plain := func(garden) object { return object{} }
	ban := func(g garden) object {
		return object{"target": g.group.IRI, "removeData": true, "summary": "spam", "cc": []string{g.group.IRI}}
	}
	note := func(g garden) any { return g.note["id"] }
	for _, tc := range []struct {
		kind   string
		object func(g garden) any
		more   func(g garden) object
		done   func(g garden) bool
	}{
		{"Lock", note, plain, func(g garden) bool { return g.holds(g.group, "locked", g.note["id"]) }},
		{"Add", note, target("featured"), func(g garden) bool { return g.holds(g.group, "featured", g.note["id"]) }},
		{"Add", func(g garden) any { return g.ned.IRI }, target("moderators"), func(g garden) bool {
			return g.roleHolds(g.group, "moderator", g.ned.IRI)
		}},
		{"Remove", func(g garden) any { return g.mia.IRI }, target("moderators"), func(g garden) bool {
			return !g.roleHolds(g.group, "moderator", g.mia.IRI)
		}},
		{"Block", func(g garden) any { return g.bob.IRI }, ban, func(g garden) bool {
			return g.roleHolds(g.group, "banned", g.bob.IRI) && !g.shown(g.note["id"])
		}},
		{"Delete", note, func(garden) object { return object{"summary": "off topic"} }, func(g garden) bool { return !g.shown(g.note["id"]) }},
	} {
		t.Run(tc.kind, func(t *testing.T) {
			t.Parallel()
			g := newGarden(t)
			stranger := newPeer(t).person("mallory")
			try := func(name string, by *remote, wrapped *remote, want bool) {
				t.Helper()
				a := with(by.does(tc.kind, tc.object(g)), tc.more(g))
				who := by
				if wrapped != nil {
					a, who = wrapped.does("Announce", a), wrapped
				}
				who.tells(g.town, a)
				outcome, reason := g.outcome(a["id"].(string))
				if got := tc.done(g); got != want {
					t.Errorf("%s: done = %t, want %t (%s: %s)", name, got, want, outcome, reason)
				}
				if !want && outcome == "applied" && wrapped != g.other { // what another says stands beside, and counts for nothing
					t.Errorf("%s: %s, want a refusal", name, outcome)
				}
			}
			try("a stranger", stranger, nil, false)
			try("a neighbour who moderates nothing", g.ned, nil, false)
			try("another community on its server", g.other, nil, false)
			try("announced by another community", g.mia, g.other, false)
			try("who moderates it", g.mia, nil, true)
		})
		t.Run(tc.kind+" announced by its community", func(t *testing.T) {
			t.Parallel()
			g := newGarden(t)
			g.says(with(g.ned.does(tc.kind, tc.object(g)), tc.more(g)))
			if !tc.done(g) {
				t.Error("it is not done")
			}
		})
	}
}

// TestRulingsInAnyOrder applies what is said and taken back in either order.
func TestRulingsInAnyOrder(t *testing.T) {
	t.Parallel()
	early, late := "2026-03-14T13:00:00Z", "2026-03-14T14:00:00Z"
	for _, tc := range []struct {
		name          string
		first, second func(g garden) object
		want          func(g garden) bool
	}{
		{"Lock, Undo", func(g garden) object {
			return with(g.mia.does("Lock", g.note["id"]), object{"id": g.mia.URL + "/lock"})
		},
			func(g garden) object {
				return g.mia.does("Undo", with(g.mia.does("Lock", g.note["id"]), object{"id": g.mia.URL + "/lock"}))
			},
			func(g garden) bool { return !g.holds(g.group, "locked", g.note["id"]) }},
		{"Lock, Undo of another id, with times", func(g garden) object { return with(g.mia.does("Lock", g.note["id"]), object{"published": early}) },
			func(g garden) object {
				return with(g.mia.does("Undo", g.mia.does("Lock", g.note["id"])), object{"published": late})
			},
			func(g garden) bool { return !g.holds(g.group, "locked", g.note["id"]) }},
		{"Add, Remove", func(g garden) object {
			return with(g.mia.does("Add", g.note["id"]), object{"target": g.group.IRI + "/featured", "published": early, "audience": g.group.IRI})
		}, func(g garden) object {
			return with(g.mia.does("Remove", g.note["id"]), object{"target": g.group.IRI + "/featured", "published": late, "audience": g.group.IRI})
		}, func(g garden) bool { return !g.holds(g.group, "featured", g.note["id"]) }},
		{"Remove, Add", func(g garden) object {
			return with(g.mia.does("Remove", g.note["id"]), object{"target": g.group.IRI + "/featured", "published": early, "audience": g.group.IRI})
		}, func(g garden) object {
			return with(g.mia.does("Add", g.note["id"]), object{"target": g.group.IRI + "/featured", "published": late, "audience": g.group.IRI})
		}, func(g garden) bool { return g.holds(g.group, "featured", g.note["id"]) }},
		{"Delete, Undo", func(g garden) object {
			return with(g.mia.does("Delete", g.note["id"]), object{"summary": "off topic", "published": early})
		}, func(g garden) object {
			return with(g.mia.does("Undo", with(g.mia.does("Delete", g.note["id"]), object{"summary": "off topic"})), object{"published": late})
		}, func(g garden) bool { return g.shown(g.note["id"]) }},
	} {
		for _, wrapped := range []bool{false, true} {
			for _, turned := range []bool{false, true} {
				t.Run(tc.name, func(t *testing.T) {
					t.Parallel()
					g := newGarden(t)
					acts := []object{tc.first(g), tc.second(g)}
					if turned {
						acts[0], acts[1] = acts[1], acts[0]
					}
					for _, a := range []object{acts[0], acts[0], acts[1]} { // an early Undo cancels what it names once
						who := g.mia
						if wrapped {
							a, who = g.group.does("Announce", a), g.group
						}
						who.tells(g.town, a)
					}
					if !tc.want(g) {
						t.Errorf("wrapped %t, turned %t: it does not hold", wrapped, turned)
					}
				})
			}
		}
	}
}

// TestRemoved takes posts away and brings them back.
func TestRemoved(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	remove := with(g.ned.does("Delete", g.anas.IRI), object{"summary": "off topic"})
	g.says(remove)
	if g.shown(g.anas.IRI) {
		t.Error("what its community took away is still shown")
	}
	if _, err := g.Posts.ByIRI(t.Context(), access.Reader{ID: g.ana.ID}, g.anas.IRI); err != nil {
		t.Errorf("its author does not see it any more: %v", err)
	}
	g.says(g.ned.does("Undo", remove))
	if !g.shown(g.anas.IRI) {
		t.Error("what its community brought back is not shown")
	}

	near := g.ned.note("removed before it came", object{"audience": g.group.IRI})
	early := with(g.ned.does("Delete", near["id"]), object{"summary": "off topic"})
	g.says(early)
	g.says(g.ned.does("Create", near))
	if g.shown(near["id"]) {
		t.Error("what was taken away before it came is shown")
	}
	g.says(g.ned.does("Undo", early))
	if !g.shown(near["id"]) {
		t.Error("a removal that came first was for ever")
	}

	boost := g.group.does("Announce", g.note["id"])
	g.group.tells(g.town, boost)
	g.clock.move(1e9)
	g.group.tells(g.town, g.group.does("Undo", boost))
	if g.shown(g.note["id"]) {
		t.Error("what its community no longer announces is still shown")
	}
	g.clock.move(1e9)
	g.group.tells(g.town, g.group.does("Announce", g.note["id"]))
	if !g.shown(g.note["id"]) {
		t.Error("what its community announces again is not shown")
	}
	g.other.tells(g.town, g.other.does("Undo", g.other.does("Announce", g.note["id"])))
	if !g.shown(g.note["id"]) {
		t.Error("another community took it away")
	}
	named := g.group.does("Announce", g.note["id"])
	g.clock.move(1e9)
	g.group.tells(g.town, named)
	g.clock.move(1e9)
	g.other.tells(g.town, g.other.does("Undo", named["id"]))
	if !g.shown(g.note["id"]) {
		t.Error("another community took it away by its id")
	}
	g.group.tells(g.town, g.group.does("Undo", named["id"]))
	if g.shown(g.note["id"]) {
		t.Error("what its community took back by its id alone is still shown")
	}
}

func TestLockedThread(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	lock := g.mia.does("Lock", g.note["id"])
	g.mia.tells(g.town, lock)
	p, err := g.post(g.note["id"])
	if err != nil {
		t.Fatal(err)
	}
	reply := posts.Draft{InReplyTo: p.ID, Text: "Late"}
	if _, err := g.Posts.Publish(t.Context(), g.ana.ID, reply); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("reply: %v, want that it is locked", err)
	}
	answer := g.bob.note("late too", object{"inReplyTo": g.note["id"], "audience": g.group.IRI})
	g.bob.tells(g.town, g.bob.does("Create", answer))
	if g.shown(answer["id"]) {
		t.Error("a reply came into a locked thread")
	}
	g.says(g.bob.does("Create", answer))
	if !g.shown(answer["id"]) {
		t.Error("a reply that the community let in all the same is not shown")
	}
	g.bob.tells(g.town, g.bob.does("Undo", lock["id"])) // of no say there
	if _, err := g.Posts.Publish(t.Context(), g.ana.ID, reply); err == nil {
		t.Error("somebody else ended the lock by its id")
	}
	g.mia.tells(g.town, g.mia.does("Undo", lock["id"]))
	if _, err := g.Posts.Publish(t.Context(), g.ana.ID, reply); err != nil {
		t.Errorf("reply after the end of the lock: %v", err)
	}
}

func TestBannedElsewhere(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	ban := func(more object) object {
		return with(g.mia.does("Block", g.anaIRI), with(object{"target": g.group.IRI}, more))
	}
	write := func() error {
		_, err := g.Posts.Publish(t.Context(), g.ana.ID, posts.Draft{Community: g.anas.Community.ID, Title: "Again", Text: "Again"})
		return err
	}
	g.mia.tells(g.town, ban(object{"endTime": "2026-03-14T15:30:00Z"}))
	if err := write(); err == nil || !strings.Contains(err.Error(), "takes nothing from you") {
		t.Errorf("post while banned: %v", err)
	}
	if !g.shown(g.anas.IRI) {
		t.Error("what she posted went without removeData")
	}
	g.clock.move(31 * 60e9)
	if err := write(); err != nil {
		t.Errorf("post after the ban ended: %v", err)
	}
	again := ban(object{})
	g.mia.tells(g.town, again)
	g.mia.tells(g.town, g.mia.does("Undo", again["id"]))
	if err := write(); err != nil {
		t.Errorf("post after the ban was lifted: %v", err)
	}
}

// TestOurOwnCommunity takes a lock from its animators only, and passes it on byte for byte.
func TestOurOwnCommunity(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
	eve.tells(w, eve.does("Follow", w.makers.Actor.IRI))
	note := bob.note("Glue", w.toMakers())
	bob.tells(w, bob.does("Create", note))
	locked := func() int { return w.number(`SELECT count(*) FROM post_marks WHERE mark = 'locked' AND holds`) }
	told := func() int {
		return w.number(`SELECT count(*) FROM activities WHERE type = 'Announce' AND convert_from(body, 'UTF8') LIKE '%"type":"Lock"%'`)
	}
	bob.tells(w, bob.does("Lock", note["id"]))
	if locked() != 0 || told() != 0 {
		t.Error("who does not animate it locked a thread")
	}
	for _, list := range []string{"moderators", "featured"} {
		a := with(bob.does("Add", note["id"]), object{"target": w.makers.Actor.IRI + "/" + list, "audience": w.makers.Actor.IRI})
		bob.tells(w, a)
		if outcome, reason := w.outcome(a["id"].(string)); outcome != "refused" {
			t.Errorf("Add to %s: %s %s, want refused", list, outcome, reason)
		}
	}
	if _, err := w.db.Exec(t.Context(), `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', $3)`,
		w.makers.Actor.ID, w.actor(bob).ID, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	lock := bob.does("Lock", note["id"])
	bob.tells(w, lock)
	if locked() != 1 || told() != 1 {
		t.Errorf("locked %d, told %d, want 1 and 1", locked(), told())
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Announce' AND position($1::bytea in body) > 0`, must(lock)); n != 1 {
		t.Error("the lock was not passed on byte for byte")
	}
	reply := eve.note("late", w.toMakers(), object{"inReplyTo": note["id"]})
	eve.tells(w, eve.does("Create", reply))
	if w.shown(reply["id"]) {
		t.Error("a reply came into a locked thread of ours")
	}
	pin := with(bob.does("Add", note["id"]), object{"target": w.makers.Actor.IRI + "/featured", "audience": w.makers.Actor.IRI})
	bob.tells(w, pin)
	if list, err := w.Posts.FeaturedIn(t.Context(), w.db, access.Reader{}, w.makers.Actor.ID); err != nil || len(list) != 1 {
		t.Errorf("featured: %v, %v; want the note", list, err)
	}
}

// TestRemoteAnimatorRemoves has Bob, of another server, animate Makers: what he takes away comes
// back, is recorded with its reason, and he takes nothing away once he lost his role.
func TestRemoteAnimatorRemoves(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
	eve.tells(w, eve.does("Follow", w.makers.Actor.IRI))
	note := eve.note("Glue", w.toMakers())
	eve.tells(w, eve.does("Create", note))
	bob.tells(w, bob.does("Like", note["id"])) // so he is known
	if _, err := w.db.Exec(t.Context(), `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', $3)`,
		w.makers.Actor.ID, w.actor(bob).ID, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	removal := with(bob.does("Delete", note["id"]), object{"summary": "hors sujet", "audience": w.makers.Actor.IRI})
	bob.tells(w, removal)
	if w.shown(note["id"]) {
		t.Error("it is still shown")
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Announce' AND position($1::bytea in body) > 0`, must(removal)); n != 1 {
		t.Errorf("the removal was passed on %d times byte for byte, want once", n)
	}
	if n := w.said("Undo"); n != 1 {
		t.Errorf("%d boosts were taken back, want 1", n)
	}
	rulings, err := w.Communities.Rulings(t.Context(), 0, w.makers.Actor.ID, 0, 10)
	if err != nil || len(rulings) != 1 || rulings[0].Reason != "hors sujet" || rulings[0].By != w.actor(bob).ID || rulings[0].Activity != removal["id"] {
		t.Errorf("rulings %+v, %v", rulings, err)
	}
	mallory := newPeer(t).person("mallory")
	back := mallory.does("Undo", removal)
	mallory.tells(w, back)
	if w.shown(note["id"]) {
		t.Error("who does not animate it brought it back")
	}
	bob.tells(w, bob.does("Undo", removal))
	if !w.shown(note["id"]) {
		t.Error("it did not come back")
	}

	// ID-20: the role is lost; what he did before holds, what he says now does not.
	if _, err := w.db.Exec(t.Context(), `DELETE FROM memberships WHERE who = $1`, w.actor(bob).ID); err != nil {
		t.Fatal(err)
	}
	w.clock.move(time.Minute)
	late := with(bob.does("Delete", note["id"]), object{"summary": "encore", "published": "2026-01-01T00:00:00Z"})
	bob.tells(w, late)
	bob.tells(w, removal)
	if !w.shown(note["id"]) {
		t.Error("who animates it no more removed it")
	}
}
