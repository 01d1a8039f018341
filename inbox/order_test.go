package inbox

import (
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/posts"
)

// TestLastToArriveWins applies activities while one in their midst is in the hands of a
// drainer that was killed.
func TestLastToArriveWins(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	here, there := newPeer(t), newPeer(t)
	bob := here.person("bob")
	p, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Title: "Glue", Text: "What glue?"})
	if err != nil {
		t.Fatal(err)
	}
	garden := there.group("garden")
	w.follower(garden)
	note := bob.note("seen in the garden", object{"audience": garden.IRI})
	garden.tells(w, garden.does("Announce", bob.does("Create", note)))

	likes := func(t *testing.T, iri any, want int) {
		t.Helper()
		if n := w.number(`SELECT count(*) FROM likes l JOIN posts p ON p.id = l.post WHERE p.iri = $1`, iri); n != want {
			t.Errorf("likes = %d, want %d", n, want)
		}
	}
	follows := func(t *testing.T, want actors.State) {
		t.Helper()
		if f, err := w.Directory.FollowOf(t.Context(), w.db, w.makers.Actor.ID, w.actor(bob).ID); err != nil || f.State != want {
			t.Errorf("follow = %v, %v; want %s", f.State, err, want)
		}
	}
	like := func() object { return bob.does("Like", p.IRI) }
	follow := func() object { return bob.does("Follow", w.makers.Actor.IRI) }
	said := func(inner object) object { return garden.does("Announce", inner) }
	fresh := bob.note("fresh", object{"audience": garden.IRI})
	gardenLike := func() object { return bob.does("Like", note["id"]) }

	for _, tc := range []struct {
		name  string
		by    *remote
		first object
		then  func(first object) []object // the first of them is in a dead drainer's hands
		check func(t *testing.T)
	}{
		{"a like taken back and given again", bob, like(),
			func(first object) []object { return []object{bob.does("Undo", first), like()} },
			func(t *testing.T) { likes(t, p.IRI, 1) }},
		{"a like sent twice and taken back", bob, like(),
			func(first object) []object { return []object{first, bob.does("Undo", first)} },
			func(t *testing.T) { likes(t, p.IRI, 0) }},
		{"a follow ended and begun again", bob, follow(),
			func(first object) []object { return []object{bob.does("Undo", first), follow()} },
			func(t *testing.T) { follows(t, actors.Accepted) }},
		{"a follow begun twice and ended", bob, follow(),
			func(first object) []object { return []object{first, bob.does("Undo", first)} },
			func(t *testing.T) { follows(t, actors.Ended) }},
		{"an end of another id, as Lemmy writes it", bob, follow(),
			func(object) []object { return []object{follow(), bob.does("Undo", follow())} },
			func(t *testing.T) { follows(t, actors.Ended) }},
		{"a like that a community tells", garden, said(gardenLike()),
			func(object) []object { return []object{said(bob.does("Undo", gardenLike())), said(gardenLike())} },
			func(t *testing.T) { likes(t, note["id"], 1) }},
		{"the end of a like that a community tells", garden, said(gardenLike()),
			func(object) []object { return []object{said(gardenLike()), said(bob.does("Undo", gardenLike()))} },
			func(t *testing.T) { likes(t, note["id"], 0) }},
		{"a post that a community tells, and its end", garden, said(gardenLike()),
			func(object) []object {
				return []object{said(bob.does("Create", fresh)), said(bob.does("Delete", fresh["id"]))}
			},
			func(t *testing.T) {
				if n := w.number(`SELECT count(*) FROM received WHERE reason = 'its origin still shows it'`); n != 1 {
					t.Error("the end was applied before the post")
				}
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.by.tells(w, tc.first)
			for i, a := range tc.then(tc.first) {
				tc.by.posts(w, a)
				if i == 0 {
					if rows, err := claim(t.Context(), w.db, false, true, quickBatch, w.clock.now()); err != nil || len(rows) != 1 {
						t.Fatalf("claimed %d rows, %v; want 1", len(rows), err)
					}
				}
			}
			w.drain()
			w.clock.move(leaseFor)
			w.drain()
			w.drain()
			tc.check(t)
			if n := w.number(`SELECT count(*) FROM inbox_queue`); n != 0 {
				t.Errorf("%d rows still wait, want none", n)
			}
		})
	}
}

// TestToldOnceMore lets a community's server say again what it has said, after what came
// later: a second courier of it does who believes that the first has died.
func TestToldOnceMore(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	there := newPeer(t)
	bob, garden := there.person("bob"), newPeer(t).group("garden")
	w.follower(garden)
	likes := func() object { return garden.does("Announce", bob.does("Like", bob.URL+"/seen")) }
	ends := func(like object) object { return garden.does("Announce", bob.does("Undo", like["object"])) }
	first, second := likes(), likes()
	end := ends(first)

	for _, tc := range []struct {
		name string
		said []object
		want int // likes that count
	}{
		{"a like that was taken back", []object{first, end, first}, 0},
		{"the end of a like that was given again", []object{second, end}, 1},
		{"a like of an Announce of the same moment", []object{ends(second), object{"id": end["id"], "type": "Announce",
			"actor": garden.IRI, "object": likes()["object"]}}, 1}, // as NodeBB names them
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, a := range tc.said {
				w.clock.move(time.Second) // the same moment has the same signature
				garden.tells(w, a)
			}
			if n := w.number(`SELECT count(*) FROM early_likes`); n != tc.want {
				t.Errorf("likes = %d, want %d", n, tc.want)
			}
		})
	}
}

// TestLineIsHeldUpByAnotherClock puts the first off as a process does whose clock is five
// minutes ahead.
func TestLineIsHeldUpByAnotherClock(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	first, second := bob.does("Follow", w.makers.Actor.IRI), bob.does("Follow", w.makers.Actor.IRI)
	bob.posts(w, first)
	if _, err := w.db.Exec(t.Context(), `UPDATE inbox_queue SET due_at = $1`, w.clock.now().Add(5*time.Minute+backoff(1, 0))); err != nil {
		t.Fatal(err)
	}
	bob.tells(w, second)
	if outcome, _ := w.outcome(second["id"].(string)); outcome != "" {
		t.Errorf("second: %s, want that it waits", outcome)
	}
}

// TestLineIsNotHeldUpForLong lets others pass what is put off.
func TestLineIsNotHeldUpForLong(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	first, second := bob.does("Follow", w.makers.Actor.IRI), bob.does("Follow", w.makers.Actor.IRI)
	bob.posts(w, first)
	later := w.clock.now().Add(lineHolds + time.Second)
	if _, err := w.db.Exec(t.Context(), `UPDATE inbox_queue SET due_at = $1`, later); err != nil {
		t.Fatal(err)
	}
	bob.tells(w, second)
	if outcome, reason := w.outcome(second["id"].(string)); outcome != "applied" {
		t.Errorf("second: %s %s, want applied", outcome, reason)
	}
	if outcome, _ := w.outcome(first["id"].(string)); outcome != "" {
		t.Errorf("first: %s, want that it waits", outcome)
	}
}
