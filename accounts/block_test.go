package accounts_test

import (
	"testing"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// TestBlock ends the follows between two, tells the other server that they ended, and refuses
// new ones.
func TestBlock(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	tw.write(t, func(tx storage.Tx) error {
		return tw.dir.SetFollow(ctx, tx, actors.Follow{Followee: tw.ana.ID, Follower: tw.bob.ID, State: actors.Accepted, IRI: tw.bob.IRI + "/f"})
	})
	_, err := tw.Follow(ctx, tw.member.ID, tw.bob)
	check(t, err)
	for range 2 {
		check(t, tw.Block(ctx, tw.member.ID, tw.bob))
	}
	wantSent(t, tw, "Follow  to 1", "Undo Follow to 1", "Reject Follow to 1")
	if n := tw.followers(t, tw.ana.ID); n != 0 {
		t.Errorf("%d followers", n)
	}
	if _, err := tw.Follow(ctx, tw.member.ID, tw.bob); !fault.Is(err, fault.Invalid) {
		t.Errorf("following whom one has blocked: %v", err)
	}
	follow := vocab.Activity{ID: tw.bob.IRI + "/again", Type: "Follow", Actor: tw.bob.IRI, Object: vocab.Link(tw.ana.IRI)}
	raw, err := follow.Encode()
	check(t, err)
	follow.Raw = raw
	tw.write(t, func(tx storage.Tx) error { return tw.ReceiveFollow(ctx, tx, tw.bob, tw.ana, follow) })
	wantSent(t, tw, "Follow  to 1", "Undo Follow to 1", "Reject Follow to 1", "Reject Follow to 1")
	check(t, tw.Unblock(ctx, tw.member.ID, tw.bob))
	if state, err := tw.Follow(ctx, tw.member.ID, tw.bob); err != nil || state != "pending" {
		t.Errorf("after it was taken back: %s, %v", state, err)
	}
	eve, err := tw.Create(ctx, accounts.New{Name: "eve", Email: "eve@town.example", Password: password})
	check(t, err)
	she, err := tw.dir.ByID(ctx, eve.ID)
	check(t, err)
	check(t, tw.Block(ctx, tw.member.ID, she))
	if _, err := tw.Follow(ctx, eve.ID, tw.ana); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a neighbour who is blocked follows: %v", err)
	}
	for name, target := range map[string]actors.Actor{"herself": tw.ana, "a community": tw.cooks} {
		if err := tw.Block(ctx, tw.member.ID, target); !fault.Is(err, fault.Invalid) {
			t.Errorf("blocking %s: %v", name, err)
		}
		if err := tw.Mute(ctx, tw.member.ID, target); !fault.Is(err, fault.Invalid) {
			t.Errorf("muting %s: %v", name, err)
		}
	}
}
