package communities_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
)

// TestComingsAndGoings has somebody here and somebody elsewhere come and go without end.
func TestComingsAndGoings(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	for _, level := range []actors.Access{actors.Open, actors.ForMembers} {
		club := tw.found(t, level)
		leo := tw.member(t, "leo_"+string(level)[:4])
		for i := range 5 {
			if _, err := tw.Ask(ctx, club.Actor.ID, leo.ID, ""); err != nil {
				t.Fatalf("%s: the %d. time: %v", level, i+1, err)
			}
			check(t, tw.Leave(ctx, club.Actor.ID, leo.ID))
		}
		_, err := tw.Ask(ctx, club.Actor.ID, leo.ID, "")
		if !fault.Is(err, fault.TooMany) || fault.After(err) <= 0 || fault.After(err) > time.Hour {
			t.Errorf("%s: the sixth time: %v, after %v", level, err, fault.After(err))
		}
		if st := tw.standing(t, club, leo); st != communities.Stranger {
			t.Errorf("%s: refused, they are %q", level, st)
		}
		if _, err := tw.Ask(ctx, club.Actor.ID, tw.member(t, "eve_"+string(level)[:4]).ID, ""); err != nil {
			t.Errorf("%s: another is refused for it: %v", level, err)
		}

		asks := map[actors.Access]string{actors.Open: "Join", actors.ForMembers: "Follow"}[level]
		for i := range 5 {
			check(t, tw.comes(t, club, asks, fmt.Sprintf("%s%d", level, i)))
			tw.goes(t, club)
		}
		sent := len(tw.sent(t))
		wants(t, string(level)+": from elsewhere, the sixth time", tw.comes(t, club, asks, string(level)+"5"), fault.Forbidden)
		if now := len(tw.sent(t)); now != sent {
			t.Errorf("%s: refused, %d things were sent", level, now-sent)
		}
		if level == actors.Open { // to follow tells nobody, and what was taken is done
			check(t, tw.comes(t, club, "Follow", "only"))
		}
	}
}

// goes ends what Bob follows.
func (tw *town) goes(t *testing.T, c communities.Community) {
	t.Helper()
	check(t, tw.db.Write(t.Context(), func(tx pgx.Tx) error {
		_, err := tw.ReceiveUnfollow(t.Context(), tx, tw.bob, c.Actor)
		return err
	}))
}

// TestManyAsk fills the list of who asks, from one server and from many.
func TestManyAsk(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	club := tw.found(t, actors.ForMembers)
	asks := func(host string, n int) error {
		t.Helper()
		iri := fmt.Sprintf("https://%s/u%d", host, n)
		by, err := tw.dir.ByIRI(t.Context(), iri)
		if fault.Is(err, fault.NotFound) {
			by = tw.remote(t, iri)
		}
		a := followBy(t, by, club.Actor, "f")
		return tw.db.Write(t.Context(), func(tx pgx.Tx) error { return tw.ReceiveFollow(t.Context(), tx, by, club.Actor, a) })
	}
	for n := range 100 {
		check(t, asks("many.example", n))
	}
	wants(t, "one more of that server", asks("many.example", 100), fault.Forbidden)
	check(t, asks("other.example", 0))
	check(t, asks("many.example", 7)) // asks again
	list, err := tw.Requests(t.Context(), tw.ana.ID, club.Actor.ID, 1000)
	check(t, err)
	if len(list) != 101 {
		t.Errorf("%d ask, want 101", len(list))
	}
	for i := range 50 {
		check(t, tw.Decline(t.Context(), tw.ana.ID, club.Actor.ID, list[i].Who.ID))
	}
	check(t, asks("many.example", 101))
}

// TestMembershipAtOnce does many times at once what one may do once.
func TestMembershipAtOnce(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, id := t.Context(), tw.makers.Actor.ID
	link, err := tw.MakeLink(ctx, tw.ana.ID, id, communities.NewLink{Most: 3, Life: time.Hour})
	check(t, err)
	people := make([]actors.Actor, 6)
	for i := range people {
		people[i] = tw.member(t, fmt.Sprintf("person_%d", i))
	}
	var came, left atomic.Int32
	var wg sync.WaitGroup
	for i := range people {
		wg.Go(func() {
			if tw.JoinByLink(ctx, people[i].ID, link.ID, 0) == nil {
				came.Add(1)
			}
		})
	}
	wg.Wait()
	if n, err := tw.CountMembers(ctx, tw.db, id); err != nil || n != 4 || came.Load() != 3 {
		t.Errorf("%d came by a link for three; there are %d members, %v", came.Load(), n, err)
	}
	leo := tw.joins(t, tw.makers, "leo")
	for i := range people {
		wg.Go(func() {
			if i%2 == 0 {
				if tw.Remove(ctx, tw.ana.ID, id, leo.ID) == nil {
					left.Add(1)
				}
				return
			}
			_ = tw.SetRole(ctx, tw.ana.ID, id, leo.ID, communities.RoleAnimator) // he may be gone
		})
	}
	wg.Wait()
	if left.Load() != 1 || tw.role(t, tw.makers, leo) != "" {
		t.Errorf("he was removed %d times, and is %q", left.Load(), tw.role(t, tw.makers, leo))
	}
}
