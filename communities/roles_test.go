package communities_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// joins makes a member of somebody of ours.
func (tw *town) joins(t *testing.T, c communities.Community, name string) actors.Actor {
	t.Helper()
	a := tw.member(t, name)
	_, err := tw.Ask(t.Context(), c.Actor.ID, a.ID, "")
	check(t, err)
	return a
}

func (tw *town) role(t *testing.T, c communities.Community, who actors.Actor) string {
	t.Helper()
	role, err := tw.RoleOf(t.Context(), tw.db, c.Actor.ID, who.ID)
	check(t, err)
	return role
}

func wants(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: %v", what, err)
	}
}

// TestSetRole names and dismisses, and tries what nobody may.
func TestSetRole(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, id := t.Context(), tw.makers.Actor.ID
	leo, eve := tw.joins(t, tw.makers, "leo"), tw.joins(t, tw.makers, "eve")
	check(t, tw.comes(t, tw.makers, "Join", "j"))

	wants(t, "a member names", tw.SetRole(ctx, leo.ID, id, eve.ID, communities.RoleAnimator), fault.Forbidden)
	wants(t, "a member names itself", tw.SetRole(ctx, leo.ID, id, leo.ID, communities.RoleAnimator), fault.Forbidden)
	wants(t, "somebody else", tw.SetRole(ctx, tw.ana.ID, id, tw.member(t, "nobody_here").ID, communities.RoleAnimator), fault.NotFound)
	wants(t, "another role", tw.SetRole(ctx, tw.ana.ID, id, leo.ID, "queen"), fault.Invalid)
	before := len(tw.sent(t))
	check(t, tw.SetRole(ctx, tw.ana.ID, id, leo.ID, communities.RoleAnimator))
	if sent := tw.sent(t)[before:]; len(sent) != 1 || sent[0] != "Announce(Add "+addedBy(t, tw)+") to 1" {
		t.Errorf("sent %q", sent)
	}
	check(t, tw.SetRole(ctx, tw.ana.ID, id, tw.bob.ID, communities.RoleAnimator))
	wants(t, "an owner elsewhere", tw.SetRole(ctx, tw.ana.ID, id, tw.bob.ID, communities.RoleOwner), fault.Forbidden)
	wants(t, "an animator names", tw.SetRole(ctx, leo.ID, id, eve.ID, communities.RoleAnimator), fault.Forbidden)
	wants(t, "an animator dismisses another", tw.SetRole(ctx, leo.ID, id, tw.bob.ID, communities.RoleMember), fault.Forbidden)
	wants(t, "an animator dismisses the owner", tw.SetRole(ctx, leo.ID, id, tw.ana.ID, communities.RoleMember), fault.Forbidden)
	wants(t, "an animator removes another", tw.Remove(ctx, leo.ID, id, tw.bob.ID), fault.Forbidden)
	wants(t, "an animator removes the owner", tw.Remove(ctx, leo.ID, id, tw.ana.ID), fault.Forbidden)
	wants(t, "the last owner steps down", tw.SetRole(ctx, tw.ana.ID, id, tw.ana.ID, communities.RoleAnimator), fault.Conflict)
	wants(t, "the last owner leaves", tw.Leave(ctx, id, tw.ana.ID), fault.Conflict)

	check(t, tw.SetRole(ctx, leo.ID, id, leo.ID, communities.RoleMember))
	check(t, tw.SetRole(ctx, tw.ana.ID, id, leo.ID, communities.RoleOwner))
	wants(t, "an owner removes another", tw.Remove(ctx, leo.ID, id, tw.ana.ID), fault.Forbidden)
	check(t, tw.SetRole(ctx, leo.ID, id, tw.ana.ID, communities.RoleMember))
	wants(t, "who owned it", tw.SetRole(ctx, tw.ana.ID, id, eve.ID, communities.RoleAnimator), fault.Forbidden)
	if got := []string{tw.role(t, tw.makers, tw.ana), tw.role(t, tw.makers, leo), tw.role(t, tw.makers, tw.bob)}; !slices.Equal(got, []string{"member", "owner", "animator"}) {
		t.Errorf("they are %q", got)
	}
	check(t, tw.Remove(ctx, leo.ID, id, tw.bob.ID))
	if all := strings.Join(tw.sent(t), "\n"); strings.Count(all, "Announce(Remove ") != 3 { // Léo stepped down, Ana was dismissed, Bob removed
		t.Errorf("sent\n%s", all)
	}
}

// addedBy is the id of the Add that was announced last.
func addedBy(t *testing.T, tw *town) (iri string) {
	t.Helper()
	all := tw.sent(t)
	_, rest, _ := strings.Cut(all[len(all)-1], "(Add ")
	iri, _, _ = strings.Cut(rest, ")")
	return iri
}

// TestTwoOwnersStepDownTogether leaves one of them.
func TestTwoOwnersStepDownTogether(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	leo := tw.joins(t, tw.makers, "leo")
	check(t, tw.SetRole(t.Context(), tw.ana.ID, tw.makers.Actor.ID, leo.ID, communities.RoleOwner))
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, who := range []actors.Actor{tw.ana, leo} {
		wg.Go(func() { errs[i] = tw.SetRole(t.Context(), who.ID, tw.makers.Actor.ID, who.ID, communities.RoleMember) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || !fault.Is(errors.Join(errs...), fault.Conflict) {
		t.Errorf("both step down: %v", errs)
	}
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, id := t.Context(), tw.makers.Actor.ID
	leo := tw.joins(t, tw.makers, "leo")
	wants(t, "to oneself", tw.HandOver(ctx, tw.ana.ID, id, tw.ana.ID, communities.RoleMember), fault.Invalid)
	wants(t, "by a member", tw.HandOver(ctx, leo.ID, id, tw.ana.ID, communities.RoleMember), fault.Forbidden)
	wants(t, "to a stranger", tw.HandOver(ctx, tw.ana.ID, id, tw.member(t, "zoe").ID, communities.RoleMember), fault.NotFound)
	if tw.role(t, tw.makers, tw.ana) != communities.RoleOwner {
		t.Error("what failed changed something")
	}
	check(t, tw.HandOver(ctx, tw.ana.ID, id, leo.ID, communities.RoleAnimator))
	if tw.role(t, tw.makers, leo) != communities.RoleOwner || tw.role(t, tw.makers, tw.ana) != communities.RoleAnimator {
		t.Errorf("Léo is %q, Ana %q", tw.role(t, tw.makers, leo), tw.role(t, tw.makers, tw.ana))
	}
	check(t, tw.Leave(ctx, id, tw.ana.ID))
}

// TestWhoOwnsWhatIsLeft has the last owner go, or be suspended.
func TestWhoOwnsWhatIsLeft(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, id := t.Context(), tw.makers.Actor.ID
	leo, eve := tw.joins(t, tw.makers, "leo"), tw.joins(t, tw.makers, "eve")
	alone := tw.found(t, actors.ForMembers)
	check(t, tw.SetRole(ctx, tw.ana.ID, id, eve.ID, communities.RoleAnimator))
	check(t, tw.SetRole(ctx, tw.ana.ID, id, leo.ID, communities.RoleAnimator))
	exec(t, tw.db, `UPDATE memberships SET since = since - interval '1 day' WHERE who = $1`, leo.ID)
	wants(t, "an administrator while it has an owner", tw.Appoint(ctx, acts.By{Account: eve.ID}, id, leo.ID), fault.Forbidden)
	passes, err := tw.Inheritances(ctx, tw.ana.ID)
	check(t, err)
	if len(passes) != 2 || passes[0].Community.ID != alone.Actor.ID || passes[0].Heir != nil || passes[1].Heir == nil || passes[1].Heir.ID != leo.ID {
		t.Errorf("it passes %+v", passes)
	}
	tw.write(t, func(tx storage.Tx) error { return tw.Forget(ctx, tx, tw.ana.ID) })
	if tw.role(t, tw.makers, leo) != communities.RoleOwner || tw.role(t, tw.makers, eve) != communities.RoleAnimator {
		t.Errorf("Léo is %q, Ève %q", tw.role(t, tw.makers, leo), tw.role(t, tw.makers, eve))
	}
	ownerless := func() (names []string) {
		all, err := tw.Ownerless(ctx)
		check(t, err)
		for _, c := range all {
			names = append(names, c.Actor.Name)
		}
		return names
	}
	if got := ownerless(); !slices.Equal(got, []string{alone.Actor.Name}) {
		t.Errorf("ownerless: %q", got)
	}
	tw.write(t, func(tx storage.Tx) error {
		_, err := access.Suspend(ctx, tx, leo.ID, 0, "", time.Now())
		return err
	})
	if got := ownerless(); !slices.Equal(got, []string{alone.Actor.Name, "makers"}) {
		t.Errorf("ownerless: %q", got)
	}
	wants(t, "an owner who is no member", tw.Appoint(ctx, acts.By{Account: eve.ID}, alone.Actor.ID, eve.ID), fault.Forbidden)
	check(t, tw.Appoint(ctx, acts.By{Account: tw.bob.ID}, id, eve.ID))
	if tw.role(t, tw.makers, eve) != communities.RoleOwner {
		t.Errorf("Ève is %q", tw.role(t, tw.makers, eve))
	}
}

func exec(t *testing.T, q storage.Querier, sql string, args ...any) {
	t.Helper()
	_, err := q.Exec(t.Context(), sql, args...)
	check(t, err)
}

// TestRename keeps the old name for the same community.
func TestRename(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, id := t.Context(), tw.makers.Actor.ID
	check(t, tw.comes(t, tw.makers, "Follow", "f"))
	leo := tw.joins(t, tw.makers, "leo")
	check(t, tw.SetRole(ctx, tw.ana.ID, id, leo.ID, communities.RoleAnimator))
	for name, kind := range map[string]fault.Kind{"No Name": fault.Invalid, "leo": fault.Conflict, "admin": fault.Conflict} {
		_, err := tw.Rename(ctx, tw.ana.ID, id, name)
		wants(t, name, err, kind)
	}
	_, err := tw.Rename(ctx, leo.ID, id, "builders")
	wants(t, "an animator", err, fault.Forbidden)
	before := len(tw.sent(t))
	c, err := tw.Rename(ctx, tw.ana.ID, id, "builders")
	check(t, err)
	if c.Actor.ID != id || c.Actor.IRI != tw.makers.Actor.IRI || c.Actor.Name != "builders" || c.Actor.URL != "https://town.example/c/builders" {
		t.Errorf("it is %+v", c.Actor)
	}
	if sent := tw.sent(t)[before:]; !slices.Equal(sent, []string{"Update(Group " + tw.makers.Actor.IRI + ") to 1"}) {
		t.Errorf("sent %q", sent)
	}
	if old, err := tw.ByName(ctx, "makers"); err != nil || old.Actor.Name != "builders" {
		t.Errorf("the old name leads to %+v, %v", old.Actor, err)
	}
	_, err = tw.Create(ctx, communities.New{Name: "makers", Title: "Others", Animator: leo.ID})
	wants(t, "the old name again", err, fault.Conflict)
	if err := tw.dir.NameFree(ctx, tw.db, "makers"); !fault.Is(err, fault.Conflict) {
		t.Errorf("the old name is free: %v", err)
	}
	if c, err = tw.Rename(ctx, tw.ana.ID, id, "makers"); err != nil || c.Actor.Name != "makers" { // it is theirs
		t.Errorf("back to %q: %v", c.Actor.Name, err)
	}
	club := tw.found(t, actors.Confidential)
	hidden, err := tw.Rename(ctx, tw.ana.ID, club.Actor.ID, "makers")
	check(t, err)
	if !strings.HasPrefix(hidden.Actor.Name, "makers_") || len(hidden.Actor.Name) != len("makers_")+8 {
		t.Errorf("a confidential one is called %q", hidden.Actor.Name)
	}
}

// TestFound lets members make communities where the server does.
func TestFound(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	member := func(a actors.Actor, admin bool) {
		exec(t, tw.db, `INSERT INTO members (actor, email, password, admin, created_at) VALUES ($1, $2, '', $3, now())`, a.ID, a.Name+"@x.example", admin)
	}
	leo := tw.member(t, "leo")
	member(tw.ana, true)
	member(leo, false)
	n := communities.New{Title: "Un club", Animator: leo.ID}
	n.Name = "club"
	_, err := tw.Found(ctx, n)
	wants(t, "a member, where administrators do", err, fault.Forbidden)
	check(t, tw.MayFound(ctx, tw.db, tw.ana.ID))
	exec(t, tw.db, `INSERT INTO settings (name, value, at) VALUES ('founders', 'members', now())`)
	for _, n.Name = range []string{"club_a", "club_b", "club_c", "club_d", "club_e"} {
		c, err := tw.Found(ctx, n)
		check(t, err)
		if tw.role(t, c, leo) != communities.RoleOwner {
			t.Errorf("who makes it is %q", tw.role(t, c, leo))
		}
	}
	n.Name = "club_f"
	_, err = tw.Found(ctx, n)
	wants(t, "the sixth of a day", err, fault.TooMany)
	wants(t, "somebody elsewhere", tw.MayFound(ctx, tw.db, tw.bob.ID), fault.Forbidden)
}
