package actors_test

import (
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

func TestFollows(t *testing.T) {
	t.Parallel()
	p := newPeer(t)
	tw := newTown(t, p)
	club, ana := tw.create(t, actors.Group, "club"), tw.create(t, actors.Person, "ana")
	bob := tw.resolve(t, p.actor("Person", "bob"))

	set := func(state actors.State, iri string) {
		t.Helper()
		tw.write(t, func(tx storage.Tx) error {
			return tw.SetFollow(t.Context(), tx, actors.Follow{Followee: club.ID, Follower: bob.ID, State: state, IRI: iri})
		})
	}
	do := func(verb func(tx storage.Tx) (bool, error)) (changed bool) {
		t.Helper()
		tw.write(t, func(tx storage.Tx) (err error) {
			changed, err = verb(tx)
			return err
		})
		return changed
	}
	answer := func(accepted bool) bool {
		t.Helper()
		return do(func(tx storage.Tx) (bool, error) {
			return tw.AnswerFollow(t.Context(), tx, club.ID, bob.ID, accepted)
		})
	}
	end := func() bool {
		t.Helper()
		return do(func(tx storage.Tx) (bool, error) { return tw.EndFollow(t.Context(), tx, club.ID, bob.ID) })
	}
	want := func(want actors.Follow) {
		t.Helper()
		want.Followee, want.Follower = club.ID, bob.ID
		got, err := tw.FollowOf(t.Context(), tw.db, club.ID, bob.ID)
		if err != nil || got != want {
			t.Errorf("the follow is\n%+v, %v, want\n%+v", got, err, want)
		}
	}
	at := func(hours int) time.Time { return tw.clock.Now().Add(time.Duration(hours) * time.Hour) }

	_, err := tw.FollowOf(t.Context(), tw.db, club.ID, bob.ID)
	wantKind(t, err, fault.NotFound)
	if answer(true) || end() {
		t.Error("a follow that never was can be answered or ended")
	}
	set(actors.Pending, "https://x/1")
	want(actors.Follow{State: actors.Pending, IRI: "https://x/1", AskedAt: at(0)})
	if f, err := tw.FollowByIRI(t.Context(), tw.db, "https://x/1"); err != nil || f.Follower != bob.ID {
		t.Errorf("by its id: %+v, %v", f, err)
	}
	tw.clock.pass(time.Hour)
	if !answer(true) || answer(true) {
		t.Error("accepting must change something once")
	}
	want(actors.Follow{State: actors.Accepted, IRI: "https://x/1", AskedAt: at(-1), AnsweredAt: at(0)})
	tw.clock.pass(time.Hour)
	set(actors.Pending, "https://x/2") // asks again
	want(actors.Follow{State: actors.Accepted, IRI: "https://x/2", AskedAt: at(0), AnsweredAt: at(-1)})
	tw.clock.pass(time.Hour)
	if !end() || end() {
		t.Error("ending must change something once")
	}
	want(actors.Follow{State: actors.Ended, IRI: "https://x/2", AskedAt: at(-1), AnsweredAt: at(-2), EndedAt: at(0)})
	if answer(true) || answer(false) {
		t.Error("a late answer revives what was ended")
	}
	tw.clock.pass(time.Hour)
	set(actors.Accepted, "https://x/3")
	want(actors.Follow{State: actors.Accepted, IRI: "https://x/3", AskedAt: at(0), AnsweredAt: at(0)})
	if !answer(false) || answer(false) || answer(true) {
		t.Error("rejecting must take back once what was accepted, for good")
	}
	want(actors.Follow{State: actors.Rejected, IRI: "https://x/3", AskedAt: at(0), AnsweredAt: at(0), EndedAt: at(0)})

	t.Run("pages and counts tell who follows now", func(t *testing.T) {
		set(actors.Accepted, "https://x/4")
		tw.write(t, func(tx storage.Tx) error {
			return tw.SetFollow(t.Context(), tx, actors.Follow{Followee: club.ID, Follower: ana.ID, State: actors.Accepted, IRI: "https://x/5"})
		})
		first, last := bob, ana // the newest actor first
		if ana.ID > bob.ID {
			first, last = ana, bob
		}
		page, err := tw.FollowersPage(t.Context(), tw.db, club.ID, 0, 1)
		if err != nil || len(page) != 1 || page[0] != first {
			t.Fatalf("first page %+v, %v, want %+v", page, err, first)
		}
		page, err = tw.FollowersPage(t.Context(), tw.db, club.ID, page[0].ID, 5)
		if err != nil || len(page) != 1 || page[0] != last {
			t.Errorf("second page %+v, %v, want %+v", page, err, last)
		}
		if page, err := tw.FollowingPage(t.Context(), tw.db, bob.ID, 0, 5); err != nil || len(page) != 1 || page[0] != club {
			t.Errorf("bob follows %+v, %v, want the club", page, err)
		}
		ties, err := tw.TiesOf(t.Context(), tw.db, []actors.ID{club.ID, bob.ID})
		if err != nil || ties[club.ID] != (actors.Ties{Followers: 2}) || ties[bob.ID].Following != 1 {
			t.Errorf("ties %v, %v, want two who follow the club, and one whom bob follows", ties, err)
		}
	})

	t.Run("who is gone follows nobody and is followed by nobody", func(t *testing.T) {
		tw.write(t, func(tx storage.Tx) error {
			return tw.SetFollow(t.Context(), tx, actors.Follow{Followee: bob.ID, Follower: ana.ID, State: actors.Pending, IRI: "https://x/6"})
		})
		tw.write(t, func(tx storage.Tx) error { return tw.MarkGone(t.Context(), tx, bob.ID) })
		for _, pair := range [][2]actors.ID{{club.ID, bob.ID}, {bob.ID, ana.ID}} {
			if f, err := tw.FollowOf(t.Context(), tw.db, pair[0], pair[1]); err != nil || f.State != actors.Ended || f.EndedAt.IsZero() {
				t.Errorf("%+v, %v, want it ended", f, err)
			}
		}
		if f, err := tw.FollowOf(t.Context(), tw.db, club.ID, ana.ID); err != nil || f.State != actors.Accepted {
			t.Errorf("ana's follow is %+v, %v, want it untouched", f, err)
		}
	})
}
