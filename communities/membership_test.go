package communities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// found makes a community of ana's of each level.
func (tw *town) found(t *testing.T, level actors.Access) communities.Community {
	t.Helper()
	c, err := tw.Create(t.Context(), communities.New{Name: "club_" + string(level)[:4], Title: "Club", Access: level, Animator: tw.ana.ID})
	check(t, err)
	return c
}

// comes lets bob, of another server, ask to follow or to join, and gives what happened.
func (tw *town) comes(t *testing.T, c communities.Community, kind, name string) error {
	t.Helper()
	asked := followBy(t, tw.bob, c.Actor, name)
	asked.Type = kind
	return tw.db.Write(t.Context(), func(tx storage.Tx) error {
		return tw.ReceiveFollow(t.Context(), tx, tw.bob, c.Actor, asked)
	})
}

func (tw *town) standing(t *testing.T, c communities.Community, who actors.Actor) communities.Standing {
	t.Helper()
	st, err := tw.StandingOf(t.Context(), tw.db, c.Actor.ID, who.ID)
	check(t, err)
	return st
}

// last is the type of the latest activity that left.
func (tw *town) last(t *testing.T) string {
	t.Helper()
	all := tw.sent(t)
	if len(all) == 0 {
		return ""
	}
	kind, _, _ := strings.Cut(all[len(all)-1], "(")
	return kind
}

// TestWhoComesIn tries each level with each way in, from here and from elsewhere.
func TestWhoComesIn(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for _, c := range []struct {
		level        actors.Access
		kind         string
		becomes      communities.Standing
		follow       actors.State
		answer       string
		ours         communities.Standing
		unknown      bool
		discoverable bool
	}{
		{level: actors.Open, kind: "Follow", becomes: communities.Stranger, follow: actors.Accepted, answer: "Accept", ours: communities.Member, discoverable: true},
		{level: actors.ForMembers, kind: "Follow", becomes: communities.Asking, follow: actors.Pending, ours: communities.Asking},
		{level: actors.Confidential, kind: "Follow", unknown: true},
	} {
		group := tw.found(t, c.level)
		before := len(tw.sent(t))
		err := tw.comes(t, group, c.kind, string(c.level))
		if fault.Is(err, fault.NotFound) != c.unknown || err != nil && !c.unknown {
			t.Errorf("%s: bob comes: %v", c.level, err)
		}
		if got := tw.standing(t, group, tw.bob); got != c.becomes {
			t.Errorf("%s: bob is %q, want %q", c.level, got, c.becomes)
		}
		f, _ := tw.dir.FollowOf(t.Context(), tw.db, group.Actor.ID, tw.bob.ID)
		if f.State != c.follow {
			t.Errorf("%s: his follow is %q, want %q", c.level, f.State, c.follow)
		}
		if sent := tw.sent(t)[before:]; c.answer == "" && len(sent) > 0 || c.answer != "" && tw.last(t) != c.answer {
			t.Errorf("%s: it was answered %q, want %q", c.level, sent, c.answer)
		}
		eve := tw.member(t, "eve_"+string(c.level)[:4])
		got, err := tw.Ask(t.Context(), group.Actor.ID, eve.ID, "Bonjour")
		if fault.Is(err, fault.NotFound) != c.unknown || got != c.ours {
			t.Errorf("%s: eve is %q, want %q: %v", c.level, got, c.ours, err)
		}
		if group.Actor.Discoverable != c.discoverable {
			t.Errorf("%s: discoverable %v", c.level, group.Actor.Discoverable)
		}
	}
	if list, err := tw.List(t.Context(), "", 10); err != nil || slices.ContainsFunc(list, func(c communities.Community) bool { return c.Access == actors.Confidential }) {
		t.Errorf("the list shows what is confidential: %v, %v", list, err)
	}
	if err := tw.comes(t, tw.makers, "Join", "join"); err != nil || tw.standing(t, tw.makers, tw.bob) != communities.Member {
		t.Errorf("who joins an open one is %q: %v", tw.standing(t, tw.makers, tw.bob), err)
	}
}

// TestRequests lets an animator answer who asks, from here and from elsewhere.
func TestRequests(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.ForMembers), t.Context()
	eve := tw.member(t, "eve")
	_, err := tw.Ask(ctx, c.Actor.ID, eve.ID, "  Je fais du pain.  ")
	check(t, err)
	check(t, tw.comes(t, c, "Follow", "1"))
	if _, err := tw.Requests(ctx, eve.ID, c.Actor.ID, 10); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate reads who asks: %v", err)
	}
	list, err := tw.Requests(ctx, tw.ana.ID, c.Actor.ID, 10)
	check(t, err)
	if len(list) != 2 || list[0].Who.ID != eve.ID || list[0].Words != "Je fais du pain." || list[1].Who.ID != tw.bob.ID {
		t.Errorf("asking: %+v", list)
	}
	if err := tw.Approve(ctx, eve.ID, c.Actor.ID, eve.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("eve lets herself in: %v", err)
	}
	check(t, tw.Approve(ctx, tw.ana.ID, c.Actor.ID, eve.ID))
	check(t, tw.Decline(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID))
	if tw.last(t) != "Reject" || tw.standing(t, c, tw.bob) != communities.Stranger || tw.standing(t, c, eve) != communities.Member {
		t.Errorf("bob is %q, eve %q; sent %q", tw.standing(t, c, tw.bob), tw.standing(t, c, eve), tw.sent(t))
	}
	if err := tw.Approve(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("what was declined is approved: %v", err)
	}
	check(t, tw.comes(t, c, "Follow", "2"))
	check(t, tw.Approve(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID))
	f, err := tw.dir.FollowOf(ctx, tw.db, c.Actor.ID, tw.bob.ID)
	check(t, err)
	if tw.last(t) != "Accept" || tw.standing(t, c, tw.bob) != communities.Member || f.State != actors.Accepted {
		t.Errorf("approved, bob is %q, his follow %q, sent %q", tw.standing(t, c, tw.bob), f.State, tw.sent(t))
	}
	check(t, tw.comes(t, c, "Follow", "3")) // he has not had the answer
	if tw.last(t) != "Accept" {
		t.Errorf("who asks again is answered %q", tw.last(t))
	}
}

// TestInvited: a confidential community invites people here, and those of servers to which
// it shows itself.
func TestInvited(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.Confidential), t.Context()
	eve := tw.member(t, "eve")
	check(t, tw.Invite(ctx, tw.ana.ID, c.Actor.ID, eve.ID))
	knows := func(r access.Reader) bool {
		yes, err := access.Knows(ctx, tw.db, r, c.Actor)
		check(t, err)
		return yes
	}
	if !knows(access.Reader{ID: eve.ID}) || knows(access.Reader{ID: tw.bob.ID}) {
		t.Error("only the one who is invited must know of it")
	}
	if got, err := tw.Ask(ctx, c.Actor.ID, eve.ID, ""); err != nil || got != communities.Member {
		t.Errorf("invited, eve is %q: %v", got, err)
	}
	if err := tw.Invite(ctx, eve.ID, c.Actor.ID, tw.bob.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a member invites: %v", err)
	}
	if err := tw.Invite(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody of a server that may not know is invited: %v", err)
	}
	if len(tw.sent(t)) > 0 {
		t.Errorf("sent %q", tw.sent(t))
	}
	check(t, tw.ShowTo(ctx, tw.ana.ID, c.Actor.ID, "remote.example"))
	check(t, tw.Invite(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID))
	if tw.last(t) != "Invite" || !knows(access.Reader{Host: "remote.example"}) || knows(access.Reader{Host: "other.example"}) {
		t.Errorf("sent %q; remote.example must know, other.example must not", tw.sent(t))
	}
	check(t, tw.comes(t, c, "Join", "1"))
	if tw.standing(t, c, tw.bob) != communities.Member || tw.last(t) != "Accept" {
		t.Errorf("invited, bob is %q; sent %q", tw.standing(t, c, tw.bob), tw.sent(t))
	}
}

// TestRemoved: who is removed is nothing any more, and their server is told.
func TestRemoved(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.ForMembers), t.Context()
	check(t, tw.comes(t, c, "Follow", "1"))
	check(t, tw.Approve(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID))
	before := len(tw.sent(t))
	if err := tw.Remove(ctx, tw.bob.ID, c.Actor.ID, tw.bob.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a member removes: %v", err)
	}
	check(t, tw.Remove(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID))
	var kinds []string
	for _, line := range tw.sent(t)[before:] {
		kind, _, _ := strings.Cut(line, "(")
		kinds = append(kinds, kind)
	}
	if !slices.Equal(kinds, []string{"Reject", "Remove", "Remove"}) || tw.standing(t, c, tw.bob) != communities.Stranger {
		t.Errorf("sent %q; bob is %q", kinds, tw.standing(t, c, tw.bob))
	}
	if f, err := tw.dir.FollowOf(ctx, tw.db, c.Actor.ID, tw.bob.ID); err != nil || f.State != actors.Rejected {
		t.Errorf("his follow is %q: %v", f.State, err)
	}
	if err := tw.Remove(ctx, tw.ana.ID, c.Actor.ID, tw.ana.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who owns it is removed: %v", err)
	}
	if err := tw.Remove(ctx, tw.ana.ID, c.Actor.ID, tw.bob.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

// TestElsewhere: one of ours is a member of a community elsewhere once this says so.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	club := tw.remote(t, "https://remote.example/club")
	_, err := tw.db.Exec(ctx, `UPDATE actors SET kind = 'group', access = 'members', members = iri || '/members' WHERE id = $1`, club.ID)
	check(t, err)
	club.Kind, club.Access = actors.Group, actors.ForMembers
	answered := func(a communities.Answered) communities.Standing {
		t.Helper()
		a.Group, a.Who = club, tw.ana.ID
		tw.write(t, func(tx storage.Tx) error { return tw.ReceiveAnswer(ctx, tx, a) })
		return tw.standing(t, communities.Community{Actor: club}, tw.ana)
	}
	follow := func(state actors.State) {
		t.Helper()
		tw.write(t, func(tx storage.Tx) error {
			return tw.dir.SetFollow(ctx, tx, actors.Follow{Followee: club.ID, Follower: tw.ana.ID, State: state, IRI: "https://town.example/f", AnsweredAt: time.Now()})
		})
	}
	if got := answered(communities.Answered{Accepted: true}); got != communities.Stranger {
		t.Errorf("who never asked is %q", got)
	}
	follow(actors.Accepted)
	if got := answered(communities.Answered{Accepted: true}); got != communities.Member {
		t.Errorf("let in, ana is %q", got)
	}
	if got := answered(communities.Answered{}); got != communities.Stranger {
		t.Errorf("shut out, ana is %q", got)
	}
	club.Access = actors.Open
	if got := answered(communities.Answered{Accepted: true}); got != communities.Stranger {
		t.Errorf("who only follows an open one is %q", got)
	}
	if got := answered(communities.Answered{Accepted: true, Join: true}); got != communities.Stranger {
		t.Errorf("who did not ask to join is %q", got)
	}
	asks := communities.Joining{Community: club.ID, Who: tw.ana.ID, Words: "<b>Bonjour</b>"}
	if got, err := tw.Join(ctx, asks); err != nil || got != communities.Asking {
		t.Errorf("who asks is %q, %v", got, err)
	}
	if got := answered(communities.Answered{Accepted: true, Join: true}); tw.last(t) != "Join" || got != communities.Member {
		t.Errorf("who asked to join is %q; sent %q", got, tw.sent(t))
	}
	tw.write(t, func(tx storage.Tx) error { return tw.ReceiveMember(ctx, tx, club, tw.ana.ID, false) })
	if got := tw.standing(t, communities.Community{Actor: club}, tw.ana); got != communities.Stranger {
		t.Errorf("removed, ana is %q", got)
	}
	for _, late := range []communities.Answered{{Accepted: true, Join: true}, {Accepted: true}} {
		if got := answered(late); got != communities.Stranger {
			t.Errorf("removed, and let in by a late %+v, ana is %q", late, got)
		}
	}
	tw.write(t, func(tx storage.Tx) error { return tw.ReceiveMember(ctx, tx, club, tw.ana.ID, true) })
	if got := tw.standing(t, communities.Community{Actor: club}, tw.ana); got != communities.Member {
		t.Errorf("welcomed, ana is %q", got)
	}
	tw.write(t, func(tx storage.Tx) error { return tw.LeaveElsewhere(ctx, tx, club.ID, tw.ana.ID) })
	if got := tw.standing(t, communities.Community{Actor: club}, tw.ana); got != communities.Stranger {
		t.Errorf("gone, ana is %q", got)
	}
}
