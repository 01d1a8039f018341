package communities_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// opens has somebody open a link, and join by it.
func (tw *town) opens(t *testing.T, who actors.Actor, l communities.Link, charter int) error {
	t.Helper()
	found, err := tw.LinkByToken(t.Context(), token(l))
	if err != nil {
		return err
	}
	if _, _, err := tw.LinkFor(t.Context(), who.ID, found.ID); err != nil {
		return err
	}
	return tw.JoinByLink(t.Context(), who.ID, found.ID, charter)
}

func token(l communities.Link) string {
	_, secret, _ := strings.Cut(l.Address, communities.LinkPath)
	return secret
}

// TestLinks: a link makes members of as many as it says, for as long, and is kept nowhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.Confidential), t.Context()
	eve, gus, hal := tw.member(t, "eve"), tw.member(t, "gus"), tw.member(t, "hal")
	for name, n := range map[string]communities.NewLink{"nobody": {Life: time.Hour}, "too many": {Most: 1001, Life: time.Hour},
		"no time": {Most: 1}, "more than a year": {Most: 1, Life: 400 * 24 * time.Hour}} {
		if _, err := tw.MakeLink(ctx, tw.ana.ID, c.Actor.ID, n); !fault.Is(err, fault.Invalid) {
			t.Errorf("a link for %s: %v", name, err)
		}
	}
	if _, err := tw.MakeLink(ctx, eve.ID, c.Actor.ID, communities.NewLink{Most: 1, Life: time.Hour}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate makes a link: %v", err)
	}
	l, err := tw.MakeLink(ctx, tw.ana.ID, c.Actor.ID, communities.NewLink{Label: " Pour  Gaspé ", Most: 2, Life: time.Hour})
	check(t, err)
	if len(token(l)) != 22 || !strings.HasPrefix(l.Address, "https://town.example/i/") || l.Label != "Pour Gaspé" {
		t.Errorf("the link is %+v", l)
	}
	var digests [][]byte
	rows, err := tw.db.Query(ctx, `SELECT digest FROM invitation_links`)
	check(t, err)
	for rows.Next() {
		var d []byte
		check(t, rows.Scan(&d))
		digests = append(digests, d)
	}
	if len(digests) != 1 || len(digests[0]) != 32 || bytes.Contains(digests[0], []byte(token(l))) {
		t.Errorf("what is kept of it: %x", digests)
	}
	_, err = tw.SetCharter(ctx, tw.ana.ID, c.Actor.ID, "On se tait.")
	check(t, err)
	if err := tw.opens(t, eve, l, 0); !fault.Is(err, fault.Invalid) {
		t.Errorf("eve joins without accepting the charter: %v", err)
	}
	check(t, tw.opens(t, eve, l, 1))
	check(t, tw.opens(t, eve, l, 1)) // uses nothing up
	check(t, tw.opens(t, gus, l, 1))
	if tw.standing(t, c, eve) != communities.Member || tw.standing(t, c, gus) != communities.Member {
		t.Errorf("eve is %q, gus %q", tw.standing(t, c, eve), tw.standing(t, c, gus))
	}
	if err := tw.opens(t, hal, l, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("one too many: %v", err)
	}
	list, err := tw.Links(ctx, tw.ana.ID, c.Actor.ID)
	check(t, err)
	if len(list) != 1 || list[0].Used != 2 || list[0].Holds || list[0].Address != "" {
		t.Errorf("links %+v", list)
	}
	if _, err := tw.Links(ctx, eve.ID, c.Actor.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a member reads the links: %v", err)
	}
}

// TestLinksEnd: by an animator, by their time, with who made them; and whom a community bans opens none.
func TestLinksEnd(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.ForMembers), t.Context()
	eve, gus := tw.member(t, "eve"), tw.member(t, "gus")
	_, err := tw.db.Exec(ctx, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', $3)`, c.Actor.ID, gus.ID, time.Now())
	check(t, err)
	link := func(by actors.Actor, life time.Duration) communities.Link {
		t.Helper()
		l, err := tw.MakeLink(ctx, by.ID, c.Actor.ID, communities.NewLink{Most: 10, Life: life})
		check(t, err)
		return l
	}
	ended, over, orphan, good := link(tw.ana, time.Hour), link(tw.ana, time.Nanosecond), link(gus, time.Hour), link(tw.ana, time.Hour)
	if err := tw.EndLink(ctx, eve.ID, c.Actor.ID, ended.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate ends a link: %v", err)
	}
	check(t, tw.EndLink(ctx, tw.ana.ID, c.Actor.ID, ended.ID))
	if err := tw.EndLink(ctx, tw.ana.ID, tw.makers.Actor.ID, good.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a link is ended from another community: %v", err)
	}
	_, err = tw.db.Exec(ctx, `UPDATE memberships SET role = 'member' WHERE community = $1 AND who = $2`, c.Actor.ID, gus.ID)
	check(t, err)
	for name, l := range map[string]communities.Link{"ended": ended, "over": over, "made by who animates no more": orphan, "none": {Address: "/i/x"}} {
		if err := tw.opens(t, eve, l, 0); !fault.Is(err, fault.NotFound) || fault.Message(err) != "There is nothing at this address." {
			t.Errorf("a link that is %s: %v", name, err)
		}
		if err := tw.JoinByLink(ctx, eve.ID, l.ID, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("joined by a link that is %s: %v", name, err)
		}
	}
	check(t, tw.Archive(ctx, tw.ana.ID, c.Actor.ID, true))
	if err := tw.opens(t, eve, good, 0); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a link lets into what is archived: %v", err)
	}
	check(t, tw.Archive(ctx, tw.ana.ID, c.Actor.ID, false))
	tw.bans(t, c, eve, nil)
	if err := tw.opens(t, eve, good, 0); !fault.Is(err, fault.Forbidden) {
		t.Errorf("banned, eve opens a link: %v", err)
	}
	if tw.standing(t, c, eve) != communities.Stranger {
		t.Errorf("eve is %q", tw.standing(t, c, eve))
	}
	check(t, tw.Sweep(ctx))
	_, err = tw.SetCharter(ctx, tw.ana.ID, c.Actor.ID, "On s’écoute.")
	check(t, err)
	_, err = tw.AddNote(ctx, tw.ana.ID, c.Actor.ID, eve.ID, "Non.")
	check(t, err)
	check(t, tw.Delete(ctx, tw.ana.ID, c.Actor.ID, c.Actor.Name))
	for _, table := range []string{"charters", "charter_acceptances", "invitation_links", "bans", "animators_notes"} {
		var left int
		check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&left))
		if left != 0 {
			t.Errorf("of a community that is no more, %d rows of %s are left", left, table)
		}
	}
}

// TestLinkOnce: of two who open a link for one person at the same moment, one becomes a member.
func TestLinkOnce(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, ctx := tw.found(t, actors.ForMembers), t.Context()
	l, err := tw.MakeLink(ctx, tw.ana.ID, c.Actor.ID, communities.NewLink{Most: 1, Life: time.Hour})
	check(t, err)
	people := []actors.Actor{tw.member(t, "eve"), tw.member(t, "gus"), tw.member(t, "hal"), tw.member(t, "ida")}
	failed := make([]error, len(people))
	var all sync.WaitGroup
	for i, who := range people {
		all.Go(func() { failed[i] = tw.JoinByLink(ctx, who.ID, l.ID, 0) })
	}
	all.Wait()
	n := 0
	for i, who := range people {
		if tw.standing(t, c, who) == communities.Member {
			n++
		} else if !fault.Is(failed[i], fault.NotFound) {
			t.Errorf("%s is told %v", who.Name, failed[i])
		}
	}
	if n != 1 {
		t.Errorf("%d are members, want 1", n)
	}
}

// bans has ana keep somebody out; a nil until: without end.
func (tw *town) bans(t *testing.T, c communities.Community, who actors.Actor, until *time.Time) communities.Ban {
	t.Helper()
	b := communities.Ban{Community: c.Actor.ID, Who: who.ID, By: tw.ana.ID, Reason: "insiste", Until: until}
	tw.write(t, func(tx storage.Tx) error {
		changed, err := tw.Ban(t.Context(), tx, b, communities.Told{IRI: "https://town.example/activities/ban-" + who.Name, Type: "Block",
			Body: []byte(`{"type":"Block","actor":"https://town.example/x","object":"https://x.example"}`)})
		if err == nil && !changed {
			t.Error("the ban changed nothing")
		}
		return err
	})
	return b
}

// TestBanned: no way in is left open, until the ban has had its time.
func TestBanned(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	for _, level := range []actors.Access{actors.Open, actors.ForMembers, actors.Confidential} {
		c := tw.found(t, level)
		eve := tw.member(t, "eve_"+string(level)[:4])
		if level == actors.Confidential {
			check(t, tw.ShowTo(ctx, tw.ana.ID, c.Actor.ID, "remote.example"))
		}
		for _, who := range []actors.Actor{eve, tw.bob} {
			check(t, tw.Invite(ctx, tw.ana.ID, c.Actor.ID, who.ID))
		}
		_, err := tw.Ask(ctx, c.Actor.ID, eve.ID, "")
		check(t, err)
		check(t, tw.comes(t, c, "Join", string(level)+"0"))
		until := time.Now().Add(time.Hour)
		for _, who := range []actors.Actor{eve, tw.bob} {
			if tw.standing(t, c, who) != communities.Member {
				t.Fatalf("%s: %s is %q", level, who.Name, tw.standing(t, c, who))
			}
			tw.bans(t, c, who, &until)
		}
		knows := func(r access.Reader) bool {
			yes, err := access.Knows(ctx, tw.db, r, c.Actor)
			check(t, err)
			return yes
		}
		if level == actors.Confidential && knows(access.Reader{ID: eve.ID}) {
			t.Error("who is banned still knows of what is confidential")
		}
		want := fault.Forbidden
		if level == actors.Confidential {
			want = fault.NotFound
		}
		if _, err := tw.Ask(ctx, c.Actor.ID, eve.ID, ""); !fault.Is(err, want) {
			t.Errorf("%s: eve asks: %v", level, err)
		}
		if err := tw.Invite(ctx, tw.ana.ID, c.Actor.ID, eve.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: eve is invited by mistake: %v", level, err)
		}
		if err := tw.MayPublish(ctx, tw.db, c.Actor.ID, eve); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: eve writes: %v", level, err)
		}
		for _, kind := range []string{"Follow", "Join"} {
			err := tw.comes(t, c, kind, string(level)+kind)
			if level == actors.Confidential && !fault.Is(err, fault.NotFound) || level != actors.Confidential && (err != nil || tw.last(t) != "Reject") {
				t.Errorf("%s: bob comes by %s: %v, answered %q", level, kind, err, tw.last(t))
			}
		}
		if f, err := tw.dir.FollowOf(ctx, tw.db, c.Actor.ID, tw.bob.ID); err != nil || f.State == actors.Accepted {
			t.Errorf("%s: bob's follow is %q: %v", level, f.State, err)
		}
		for _, who := range []actors.Actor{eve, tw.bob} {
			if tw.standing(t, c, who) != communities.Stranger {
				t.Errorf("%s: banned, %s is %q", level, who.Name, tw.standing(t, c, who))
			}
		}
		list, err := tw.Bans(ctx, tw.ana.ID, c.Actor.ID, 10)
		check(t, err)
		if len(list) != 2 || list[0].Reason != "insiste" {
			t.Errorf("%s: bans %+v", level, list)
		}
		_, err = tw.db.Exec(ctx, `UPDATE bans SET until = $1 WHERE community = $2`, time.Now().Add(-time.Second), c.Actor.ID)
		check(t, err)
		if err := tw.Invite(ctx, tw.ana.ID, c.Actor.ID, eve.ID); err != nil {
			t.Errorf("%s: when it is over, eve is invited: %v", level, err)
		}
		if got, err := tw.Ask(ctx, c.Actor.ID, eve.ID, ""); err != nil || got != communities.Member {
			t.Errorf("%s: when it is over, eve is %q: %v", level, got, err)
		}
		check(t, tw.Sweep(ctx))
		var left int
		check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM bans`).Scan(&left))
		if left != 0 {
			t.Errorf("%s: %d bans are kept that are over", level, left)
		}
	}
}

// TestBanRefused: who may ban whom.
func TestBanRefused(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	ban := func(by, who actors.Actor) error {
		return tw.db.Write(ctx, func(tx storage.Tx) error {
			_, err := tw.Ban(ctx, tx, communities.Ban{Community: tw.makers.Actor.ID, Who: who.ID, By: by.ID, Reason: "x"}, communities.Told{IRI: "https://town.example/a"})
			return err
		})
	}
	_, err := tw.db.Exec(ctx, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', $3)`, tw.makers.Actor.ID, eve.ID, time.Now())
	check(t, err)
	for name, c := range map[string]struct {
		by, who actors.Actor
		kind    fault.Kind
	}{"who does not animate": {tw.bob, eve, fault.Forbidden}, "the owner": {eve, tw.ana, fault.Forbidden}, "oneself": {eve, eve, fault.Invalid},
		"a community": {tw.ana, tw.makers.Actor, fault.Invalid}} {
		if err := ban(c.by, c.who); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	past := time.Now().Add(-time.Minute)
	for name, b := range map[string]communities.Ban{"no reason": {}, "the past": {Reason: "x", Until: &past}} {
		if err := tw.CheckBan(b); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	leo := tw.member(t, "leo")
	_, err = tw.db.Exec(ctx, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', $3)`, tw.makers.Actor.ID, leo.ID, time.Now())
	check(t, err)
	if err := ban(eve, leo); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who animates bans who animates: %v", err)
	}
	if err := ban(tw.ana, leo); err != nil || tw.standing(t, tw.makers, leo) != communities.Stranger {
		t.Errorf("who owns bans who animates: %v", err)
	}
	if err := tw.CheckBan(communities.Ban{Reason: strings.Repeat("x", 501)}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("too long: %v", err)
	}
}

// TestBanAndJoin: whoever is banned while they join is out in the end.
func TestBanAndJoin(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	for i := range 8 {
		eve := tw.member(t, "eve_"+string(rune('a'+i)))
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := tw.Ask(ctx, tw.makers.Actor.ID, eve.ID, ""); err != nil && !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
		})
		both.Go(func() { tw.bans(t, tw.makers, eve, nil) })
		both.Wait()
		if got := tw.standing(t, tw.makers, eve); got != communities.Stranger {
			t.Errorf("banned, eve is %q", got)
		}
	}
}

// TestNotes: those who animate tell each other of a person; it is erased with either.
func TestNotes(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, c := t.Context(), tw.makers.Actor.ID
	eve, gus := tw.member(t, "eve"), tw.member(t, "gus")
	_, err := tw.db.Exec(ctx, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', $3)`, c, gus.ID, time.Now())
	check(t, err)
	for words, kind := range map[string]fault.Kind{"  ": fault.Invalid, strings.Repeat("x", 1001): fault.TooLarge} {
		if _, err := tw.AddNote(ctx, tw.ana.ID, c, eve.ID, words); !fault.Is(err, kind) {
			t.Errorf("%.10q: %v", words, err)
		}
	}
	if _, err := tw.AddNote(ctx, eve.ID, c, tw.ana.ID, "x"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate keeps a note: %v", err)
	}
	n, err := tw.AddNote(ctx, tw.ana.ID, c, eve.ID, " Elle connaît le bois. ")
	check(t, err)
	m, err := tw.AddNote(ctx, gus.ID, c, eve.ID, "Vu.")
	check(t, err)
	if _, err := tw.Notes(ctx, eve.ID, c, eve.ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("eve reads what is said of her: %v", err)
	}
	if err := tw.DropNote(ctx, gus.ID, c, n.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("gus drops ana's: %v", err)
	}
	all, err := tw.Notes(ctx, gus.ID, c, eve.ID)
	check(t, err)
	if len(all) != 2 || all[0].ID != m.ID || all[1].Words != "Elle connaît le bois." || all[1].By != tw.ana.ID || all[1].At.IsZero() {
		t.Errorf("notes %+v", all)
	}
	check(t, tw.DropNote(ctx, gus.ID, c, m.ID))
	_, err = tw.AddNote(ctx, gus.ID, c, tw.bob.ID, "Loin.")
	check(t, err)
	left := func() (n int) {
		t.Helper()
		check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM animators_notes`).Scan(&n))
		return n
	}
	tw.write(t, func(tx storage.Tx) error { return tw.Forget(ctx, tx, eve.ID) })
	if left() != 1 {
		t.Errorf("without eve, %d notes are left, want 1", left())
	}
	tw.write(t, func(tx storage.Tx) error { return tw.Forget(ctx, tx, gus.ID) })
	if left() != 0 {
		t.Errorf("without gus, %d notes are left", left())
	}
}
