package accounts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// mostMoved bounds how many of our members one Move makes follow another.
const mostMoved = 1000

// restBetweenMoves is the shortest time between two of somebody's: who has taken over
// an account could otherwise send those who follow it on and on.
const restBetweenMoves = 7 * 24 * time.Hour

// ReceiveMove lets our members who follow somebody follow their new address, which the inbox
// established, and the old one no more. Who has blocked the new one follows neither.
func (s *Service) ReceiveMove(ctx context.Context, tx storage.Tx, from, to actors.Actor) error {
	ours, err := followersHere(ctx, tx, from.ID, to.ID)
	if err != nil || len(ours) == 0 {
		return err
	}
	may, err := insertMove(ctx, tx, from.ID, to.ID, s.now())
	if err != nil {
		return err
	}
	if !may {
		return fault.New(fault.Forbidden, "They moved less than a week ago.")
	}
	for _, f := range ours {
		by, err := s.dir.ByID(ctx, f.Who)
		if err != nil {
			return err
		}
		if !f.Blocks {
			if _, err := s.follow(ctx, tx, by, to); err != nil && !fault.Is(err, fault.Forbidden) { // whom the new one blocks
				return err
			}
		}
		if err := s.unfollow(ctx, tx, by, from); err != nil {
			return err
		}
	}
	return nil
}

// RejectJoin tells no to who would join a meeting of a person of ours.
func (s *Service) RejectJoin(ctx context.Context, tx storage.Tx, by, host actors.Actor, join vocab.Activity) error {
	return s.answer(ctx, tx, by, host, join, "Reject")
}
