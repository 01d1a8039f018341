package communities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/storage"
)

// log tells what a reader finds in the log of a community, the latest first.
func (tw *town) log(t *testing.T, reader, community actors.ID) (lines []string) {
	t.Helper()
	all, err := tw.Rulings(t.Context(), reader, community, 0, 50)
	check(t, err)
	for _, r := range all {
		var names [2]string
		for i, id := range []actors.ID{r.By, r.Person} {
			if id != 0 {
				a, _ := tw.dir.ByID(t.Context(), id) // also of who is gone
				names[i] = a.Name
			}
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprint(names[0], " ", r.Act, " ", names[1], " ", r.Words)))
	}
	return lines
}

// TestRolesAreInTheLog, however somebody came to have one or has it no more.
func TestRolesAreInTheLog(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, club, ana := t.Context(), tw.makers.Actor.ID, tw.ana.ID
	var who []actors.Actor
	for _, name := range []string{"eve", "gus", "kim"} {
		a := tw.member(t, name)
		_, err := tw.Join(ctx, communities.Joining{Community: club, Who: a.ID})
		check(t, err)
		who = append(who, a)
	}
	eve, gus, kim := who[0].ID, who[1].ID, who[2].ID
	wants := func(want ...string) {
		t.Helper()
		got := tw.log(t, 0, club)
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("log = %q, want first %q", got, want)
		}
	}
	if got := tw.log(t, 0, club); len(got) != 0 {
		t.Errorf("who founds and who joins is in the log: %q", got)
	}
	check(t, tw.SetRole(ctx, ana, club, eve, communities.RoleAnimator))
	wants("ana name eve animator")
	check(t, tw.SetRole(ctx, ana, club, eve, communities.RoleAnimator)) // is so already
	check(t, tw.SetRole(ctx, eve, club, eve, communities.RoleMember))
	wants("eve name eve member", "ana name eve animator")
	check(t, tw.HandOver(ctx, ana, club, gus, communities.RoleAnimator))
	wants("ana name ana animator", "ana name gus owner")
	check(t, tw.Remove(ctx, gus, club, ana))
	wants("gus part ana animator")
	check(t, tw.Remove(ctx, gus, club, eve)) // a member
	wants("gus part ana animator")
	check(t, tw.SetRole(ctx, gus, club, kim, communities.RoleOwner))
	check(t, tw.Leave(ctx, club, gus))
	wants("gus part gus owner", "gus name kim owner")
	check(t, tw.Appoint(ctx, acts.By{Line: true}, club, kim))
	_, err := tw.Join(ctx, communities.Joining{Community: club, Who: eve})
	check(t, err)
	check(t, tw.Appoint(ctx, acts.By{Line: true}, club, eve)) // by an administrator
	wants("makers name eve owner", "gus part gus owner")
	check(t, tw.SetRole(ctx, eve, club, kim, communities.RoleAnimator))
	tw.write(t, func(tx storage.Tx) error { return tw.Forget(ctx, tx, eve) })
	wants("makers name kim owner", "eve name kim animator")
}

// TestPurgesAreInTheLog, once each; only members read which server it was.
func TestPurgesAreInTheLog(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, club := t.Context(), tw.makers.Actor.ID
	exec(t, tw.db, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'member', now())`, club, tw.bob.ID)
	check(t, tw.Remove(ctx, tw.ana.ID, club, tw.bob.ID))
	var activity string
	check(t, tw.db.QueryRow(ctx, `SELECT activity FROM purges`).Scan(&activity))
	for range 2 { // it says so twice
		tw.write(t, func(tx storage.Tx) error {
			found, err := tw.ReceivePurged(ctx, tx, tw.bob, activity)
			if !found {
				t.Error("nobody asked it")
			}
			return err
		})
	}
	if got, want := tw.log(t, tw.ana.ID, club), []string{"makers purged  remote.example", "makers purge  remote.example"}; !slices.Equal(got, want) {
		t.Errorf("a member reads %q, want %q", got, want)
	}
	if got, want := tw.log(t, 0, club), []string{"makers purged", "makers purge"}; !slices.Equal(got, want) {
		t.Errorf("a stranger reads %q, want %q", got, want)
	}
	all, err := tw.Rulings(ctx, tw.ana.ID, club, 0, 1)
	check(t, err)
	for reader, want := range map[actors.ID]string{0: "", tw.ana.ID: "remote.example"} {
		if r, err := tw.RulingByID(ctx, tw.db, reader, all[0].ID); err != nil || r.Words != want {
			t.Errorf("%d reads %q of one, want %q: %v", reader, r.Words, want, err)
		}
	}
	tw.write(t, func(tx storage.Tx) error {
		if found, err := tw.ReceivePurged(ctx, tx, tw.bob, "https://town.example/other"); found || err != nil {
			t.Errorf("what nobody asked is found: %v, %v", found, err)
		}
		return nil
	})
}

// TestAnimatorsCutOffAreInTheLog: nobody talks with their server any more.
func TestAnimatorsCutOffAreInTheLog(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	exec(t, tw.db, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, tw.makers.Actor.ID, tw.bob.ID)
	tw.write(t, func(tx storage.Tx) error { return tw.CutOff(t.Context(), tx, []string{"remote.example"}) })
	if got, want := tw.log(t, 0, tw.makers.Actor.ID), []string{"makers part bob animator"}; !slices.Equal(got, want) {
		t.Errorf("log = %q, want %q", got, want)
	}
}
