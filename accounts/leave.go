package accounts

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// Close lets nobody act as a member any more, who is about to go: no password fits, and what was
// open ends. Erase follows.
func (s *Service) Close(ctx context.Context, tx storage.Tx, id actors.ID) error {
	if err := useResets(ctx, tx, id, s.now()); err != nil {
		return err
	}
	if err := s.endTokens(ctx, tx, id); err != nil {
		return err
	}
	if err := deleteSignIns(ctx, tx, id, 0); err != nil {
		return err
	}
	return closeMember(ctx, tx, id, nobodysHash)
}

// Erase forgets a member who was closed. The Person stays with its owner, package actors.
func (s *Service) Erase(ctx context.Context, tx storage.Tx, id actors.ID) error {
	return eraseMember(ctx, tx, id)
}
