package communities_test

import (
	"slices"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// TestAServerIsAskedToForget once its last member is gone, however that was.
func TestAServerIsAskedToForget(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, c := t.Context(), tw.found(t, actors.ForMembers)
	id := c.Actor.ID
	deb := tw.remote(t, "https://remote.example/deb")
	comes := func(who ...actors.Actor) {
		t.Helper()
		for _, a := range who {
			exec(t, tw.db, `INSERT INTO invitations (community, who, at) VALUES ($1, $2, now()) ON CONFLICT DO NOTHING`, id, a.ID)
			asked := followBy(t, a, c.Actor, a.Name+time.Now().Format("150405.000000000"))
			tw.write(t, func(tx storage.Tx) error { return tw.ReceiveFollow(ctx, tx, a, c.Actor, asked) })
		}
	}
	asks := "Remove(" + c.Actor.IRI + ") to 1"
	purges := func(want ...string) {
		t.Helper()
		all, err := tw.Purges(ctx, tw.ana.ID, id)
		check(t, err)
		var got []string
		for _, p := range all {
			got = append(got, p.Host+" "+p.State)
		}
		if !slices.Equal(got, want) {
			t.Errorf("asked: %q, want %q", got, want)
		}
	}
	ends := func(do func(), asked int) {
		t.Helper()
		before := len(tw.sent(t))
		do()
		n := 0
		for _, line := range tw.sent(t)[before:] {
			if line == asks {
				n++
			}
		}
		if n != asked || asked > 0 && tw.sent(t)[len(tw.sent(t))-1] != asks { // it comes after what ends the membership
			t.Errorf("asked %d times, want %d: %q", n, asked, tw.sent(t)[before:])
		}
	}
	comes(tw.bob, deb)
	ends(func() { check(t, tw.Remove(ctx, tw.ana.ID, id, tw.bob.ID)) }, 0) // Deb is there
	purges()
	ends(func() { check(t, tw.Remove(ctx, tw.ana.ID, id, deb.ID)) }, 1)
	purges("remote.example " + communities.PurgeAsked)
	comes(tw.bob)
	purges() // somebody is there again
	ends(func() {
		tw.write(t, func(tx storage.Tx) error { _, err := tw.ReceiveUnfollow(ctx, tx, tw.bob, c.Actor); return err })
	}, 1)
	ends(func() {
		tw.write(t, func(tx storage.Tx) error { _, err := tw.ReceiveUnfollow(ctx, tx, tw.bob, c.Actor); return err })
	}, 0) // who was none
	var activity string
	check(t, tw.db.QueryRow(ctx, `SELECT activity FROM purges`).Scan(&activity))
	acknowledged := func(by actors.Actor, activity string) (found bool) {
		t.Helper()
		tw.write(t, func(tx storage.Tx) (err error) {
			found, err = tw.ReceivePurged(ctx, tx, by, activity)
			return err
		})
		return found
	}
	if acknowledged(tw.remote(t, "https://other.example/eve"), activity) || acknowledged(tw.bob, activity+"x") {
		t.Error("somebody else answers, or something else is answered")
	}
	exec(t, tw.db, `INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at)
		SELECT d.host, d.activity, d.inbox, 0, 1, 'x', now() FROM deliveries d JOIN activities a ON a.id = d.activity WHERE a.iri = $1`, activity)
	purges("remote.example " + communities.PurgeUnanswered)
	exec(t, tw.db, `DELETE FROM dead_letters`)
	exec(t, tw.db, `UPDATE purges SET asked_at = now() - interval '15 days'`)
	purges("remote.example " + communities.PurgeUnanswered)
	if !acknowledged(tw.bob, activity) {
		t.Error("its answer is not taken")
	}
	purges("remote.example " + communities.PurgeAcknowledged)
	comes(tw.bob)
	ends(func() { tw.write(t, func(tx storage.Tx) error { return tw.Forget(ctx, tx, tw.bob.ID) }) }, 1)
	leo := tw.member(t, "leo")
	_, err := tw.Purges(ctx, leo.ID, id)
	wants(t, "who does not animate it reads", err, fault.Forbidden)
}
