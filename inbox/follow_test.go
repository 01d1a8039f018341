package inbox

import (
	"net/http"
	"sync/atomic"
	"testing"

	"passerelles/actors"
)

func TestFollow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	group := w.makers.Actor
	follow := bob.does("Follow", group.IRI)

	t.Run("a community takes it and answers", func(t *testing.T) {
		bob.tells(w, follow)
		if n := w.number(`SELECT count(*) FROM follows WHERE followee = $1 AND state = 'accepted'`, group.ID); n != 2 { // Ana and Bob
			t.Errorf("followers = %d, want 2", n)
		}
		if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Accept'`); n != 1 {
			t.Errorf("Accepts = %d, want 1", n)
		}
		if n, _ := w.counted.Load("applied"); n == nil || n.(*atomic.Int64).Load() != 1 {
			t.Errorf("counted as applied: %v, want 1", n)
		}
	})
	t.Run("asked again, it answers again", func(t *testing.T) {
		bob.tells(w, follow)
		if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Accept'`); n != 2 {
			t.Errorf("Accepts = %d, want 2", n)
		}
	})
	t.Run("the very same request again changes nothing", func(t *testing.T) {
		r := bob.request(w, "/inbox", follow)
		w.answer(r)
		w.drain()
		before := w.rows()
		if r.Body, _ = r.GetBody(); w.answer(r).StatusCode != http.StatusAccepted {
			t.Error("a replay is refused, want 202")
		}
		w.drain()
		if after := w.rows(); after != before {
			t.Errorf("rows = %s, want %s", after, before)
		}
	})
	t.Run("an Undo ends it", func(t *testing.T) {
		bob.tells(w, bob.does("Undo", follow))
		f, err := w.Directory.FollowOf(t.Context(), w.db, group.ID, w.actor(bob).ID)
		if err != nil || f.State != actors.Ended {
			t.Errorf("follow = %v, %v; want ended", f.State, err)
		}
	})
	t.Run("somebody else cannot undo it", func(t *testing.T) {
		again := bob.does("Follow", group.IRI)
		bob.tells(w, again)
		eve := newPeer(t).person("eve")
		eve.tells(w, eve.does("Undo", again))
		eve.tells(w, eve.does("Undo", again["id"]))
		f, err := w.Directory.FollowOf(t.Context(), w.db, group.ID, w.actor(bob).ID)
		if err != nil || f.State != actors.Accepted {
			t.Errorf("follow = %v, %v; want accepted", f.State, err)
		}
	})
	t.Run("an Undo by id ends it", func(t *testing.T) {
		again := bob.does("Follow", group.IRI)
		bob.tells(w, again)
		bob.tells(w, bob.does("Undo", again["id"]))
		f, err := w.Directory.FollowOf(t.Context(), w.db, group.ID, w.actor(bob).ID)
		if err != nil || f.State != actors.Ended {
			t.Errorf("follow = %v, %v; want ended", f.State, err)
		}
	})
	t.Run("an Undo that comes first cancels it", func(t *testing.T) {
		carl := newPeer(t).person("carl")
		late := carl.does("Follow", group.IRI)
		carl.tells(w, carl.does("Undo", late))
		carl.tells(w, late)
		if outcome, reason := w.outcome(late["id"].(string)); outcome != "ignored" {
			t.Errorf("outcome = %s (%s), want ignored", outcome, reason)
		}
		carl.tells(w, carl.does("Follow", group.IRI)) // another one counts
		f, err := w.Directory.FollowOf(t.Context(), w.db, group.ID, w.actor(carl).ID)
		if err != nil || f.State != actors.Accepted {
			t.Errorf("follow = %v, %v; want accepted", f.State, err)
		}
	})
	t.Run("a person of ours is followed too", func(t *testing.T) {
		bob.tells(w, bob.does("Follow", w.anaIRI))
		f, err := w.Directory.FollowOf(t.Context(), w.db, w.ana.ID, w.actor(bob).ID)
		if err != nil || f.State != actors.Accepted {
			t.Errorf("follow = %v, %v; want accepted", f.State, err)
		}
	})
	t.Run("what is not ours is ignored", func(t *testing.T) {
		f := bob.does("Follow", bob.IRI)
		bob.tells(w, f)
		if outcome, _ := w.outcome(f["id"].(string)); outcome != "ignored" {
			t.Errorf("outcome = %s, want ignored", outcome)
		}
	})
}

func TestAnswerToFollow(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(bob *remote, follow string, w *town) object{
		"by the Follow's id": func(bob *remote, follow string, _ *town) object { return bob.does("Accept", follow) },
		"by the id of a Follow that was asked again since": func(bob *remote, follow string, w *town) object {
			target, err := w.Directory.ByIRI(w.t.Context(), bob.IRI)
			if err != nil {
				w.t.Fatal(err)
			}
			if _, err := w.Accounts.Follow(w.t.Context(), w.ana.ID, target); err != nil {
				w.t.Fatal(err)
			}
			return bob.does("Accept", follow)
		},
		"with the Follow inside": func(bob *remote, follow string, w *town) object {
			return bob.does("Accept", object{"id": follow, "type": "Follow", "actor": w.anaIRI, "object": bob.IRI})
		},
		"with a Follow of another id": func(bob *remote, _ string, w *town) object {
			return bob.does("Accept", object{"id": bob.URL + "/f/1", "type": "Follow", "actor": w.anaIRI, "object": bob.IRI})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			there := newPeer(t)
			bob, eve := there.person("bob"), newPeer(t).person("eve")
			target, err := w.Directory.Resolve(t.Context(), bob.IRI)
			if err != nil {
				t.Fatal(err)
			}
			if state, err := w.Accounts.Follow(t.Context(), w.ana.ID, target); err != nil || state != "pending" {
				t.Fatalf("follow: %s, %v", state, err)
			}
			f, err := w.Directory.FollowOf(t.Context(), w.db, target.ID, w.ana.ID)
			if err != nil {
				t.Fatal(err)
			}
			eve.tells(w, eve.does("Accept", f.IRI))
			eve.tells(w, eve.does("Accept", object{"id": f.IRI, "type": "Follow", "actor": w.anaIRI, "object": bob.IRI}))
			if f, _ = w.Directory.FollowOf(t.Context(), w.db, target.ID, w.ana.ID); f.State != actors.Pending {
				t.Fatalf("after another's Accept: %s, want pending", f.State)
			}
			bob.tells(w, answer(bob, f.IRI, w))
			if f, _ = w.Directory.FollowOf(t.Context(), w.db, target.ID, w.ana.ID); f.State != actors.Accepted {
				t.Errorf("state = %s, want accepted", f.State)
			}
			bob.tells(w, bob.does("Reject", f.IRI))
			if f, _ = w.Directory.FollowOf(t.Context(), w.db, target.ID, w.ana.ID); f.State != actors.Rejected {
				t.Errorf("state = %s, want rejected", f.State)
			}
		})
	}
}

// actor is what we know of somebody elsewhere.
func (w *town) actor(r *remote) actors.Actor {
	w.t.Helper()
	a, err := w.Directory.ByIRI(w.t.Context(), r.IRI)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}
