package accounts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
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

// Block has a member want nothing of a person: neither follows the other any more, and the
// person can neither follow nor like nor answer. The other server learns that the follows have
// ended, and no more: a Block is not for its object to see (ActivityPub §6.9).
func (s *Service) Block(ctx context.Context, who actors.ID, target actors.Actor) error {
	by, err := s.shunning(ctx, who, target)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := access.Block(ctx, tx, by.ID, target.ID, s.now()); err != nil {
			return err
		}
		if err := s.unfollow(ctx, tx, by, target); err != nil {
			return err
		}
		return s.endFollower(ctx, tx, by, target)
	})
	if err != nil {
		return err
	}
	s.poke()
	return nil
}

// endFollower has somebody follow a member no more, and says so to their server.
func (s *Service) endFollower(ctx context.Context, tx storage.Tx, member, follower actors.Actor) error {
	was, err := s.dir.FollowOf(ctx, tx, member.ID, follower.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	changed, err := s.dir.EndFollow(ctx, tx, member.ID, follower.ID)
	if err != nil || !changed || follower.Local() {
		return err
	}
	return s.answer(ctx, tx, follower, member, followOf(was.IRI, follower, member), "Reject")
}

// Unblock takes it back. What was followed before stays ended.
func (s *Service) Unblock(ctx context.Context, who actors.ID, target actors.Actor) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		_, err := access.Unblock(ctx, tx, who, target.ID)
		return err
	})
}

// Mute hides from a member what a person says. Nobody else learns of it.
func (s *Service) Mute(ctx context.Context, who actors.ID, target actors.Actor) error {
	if _, err := s.shunning(ctx, who, target); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Tx) error { return access.Mute(ctx, tx, who, target.ID, s.now()) })
}

// Unmute takes it back.
func (s *Service) Unmute(ctx context.Context, who actors.ID, target actors.Actor) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		_, err := access.Unmute(ctx, tx, who, target.ID)
		return err
	})
}

// shunning gives the member, if the other is somebody to block or to mute.
func (s *Service) shunning(ctx context.Context, who actors.ID, target actors.Actor) (actors.Actor, error) {
	if target.Kind == actors.Application || target.Kind == actors.Group {
		return actors.Actor{}, fault.New(fault.Invalid, "Only people can be blocked or muted.")
	}
	return s.dir.ByID(ctx, who)
}
