package accounts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// ReceiveBlock notes that somebody elsewhere wants nothing of a person or a community of
// ours: neither follows the other any more, and nobody is told.
func (s *Service) ReceiveBlock(ctx context.Context, tx storage.Tx, by, target actors.Actor) error {
	if err := access.Block(ctx, tx, by.ID, target.ID, s.now()); err != nil {
		return err
	}
	if _, err := s.dir.EndFollow(ctx, tx, by.ID, target.ID); err != nil {
		return err
	}
	_, err := s.dir.EndFollow(ctx, tx, target.ID, by.ID)
	return err
}

// ReceiveUnblock takes such a block back; found tells whether there was one. What was
// followed before stays ended.
func (s *Service) ReceiveUnblock(ctx context.Context, tx storage.Tx, by, target actors.Actor) (found bool, err error) {
	return access.Unblock(ctx, tx, by.ID, target.ID)
}
