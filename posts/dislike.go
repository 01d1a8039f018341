package posts

import (
	"context"

	"passerelles/fault"
	"passerelles/storage"
)

// ReceiveDislike keeps a vote against a post: its author no longer likes it. Nothing shows
// it, and one that comes before its post is forgotten.
func (s *Service) ReceiveDislike(ctx context.Context, tx storage.Tx, l Reaction) error {
	t, deleted, err := liked(ctx, tx, l.Post)
	switch {
	case err != nil || deleted:
		return err
	case t == nil && s.iris.Local(l.Post):
		return fault.New(fault.NotFound, "This post does not exist.")
	case t == nil:
		_, err := deleteEarlyLike(ctx, tx, l)
		return err
	}
	if !l.credible(*t) {
		return fault.New(fault.Forbidden, "A community tells who likes its own posts, and no others.")
	}
	if err := s.mayReact(ctx, tx, l.By, *t); err != nil {
		return err
	}
	if _, err := deleteLike(ctx, tx, like{Post: t.ID, Who: l.By.ID, Reported: l.reported()}); err != nil {
		return err
	}
	if t.waits() {
		if _, err := deleteEarlyLike(ctx, tx, l); err != nil {
			return err
		}
	}
	changed, err := insertDislike(ctx, tx, l.like(*t, s.now()))
	if err != nil || !changed {
		return err
	}
	return s.announceReaction(ctx, tx, *t, l, "Dislike")
}

// ReceiveUndislike takes such a vote back; found tells whether there was one.
func (s *Service) ReceiveUndislike(ctx context.Context, tx storage.Tx, l Reaction) (found bool, err error) {
	t, deleted, err := liked(ctx, tx, l.Post)
	if err != nil || deleted || t == nil {
		return deleted, err
	}
	found, err = deleteDislike(ctx, tx, l.like(*t, s.now()))
	if err != nil || !found {
		return found, err
	}
	return true, s.announceReaction(ctx, tx, *t, l, "Undo")
}
