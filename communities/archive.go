package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

var errArchived = fault.New(fault.Forbidden, "This community is archived: it is only read.")

// Archive has an owner make a community one that is only read, or take that back: nobody posts,
// reacts, asks or joins there. Those who follow are told; what was said stays as it is.
func (s *Service) Archive(ctx context.Context, owner, community actors.ID, archived bool) error {
	return s.living(ctx, community, func(tx storage.Tx, _ actors.Actor) error {
		if err := s.requireOwner(ctx, tx, community, owner); err != nil {
			return err
		}
		changed, err := updateArchived(ctx, tx, community, archived, s.now())
		if err != nil || !changed {
			return err
		}
		a, err := s.dir.NoteChanged(ctx, tx, community)
		if err != nil {
			return err
		}
		return s.SendUpdate(ctx, tx, a)
	})
}

// RefuseArchived refuses what would change a community of ours that is archived.
func (s *Service) RefuseArchived(ctx context.Context, q storage.Querier, community actors.ID) error {
	archived, err := isArchived(ctx, q, community)
	if err == nil && archived {
		err = errArchived
	}
	return err
}
