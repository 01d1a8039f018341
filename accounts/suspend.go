package accounts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Suspend keeps a member from signing in, and hides what they wrote, until they are restored.
// Those who are signed in are so no longer. by is 0 for the command line.
func (s *Service) Suspend(ctx context.Context, by, who actors.ID, reason string) error {
	m, err := s.ByID(ctx, who)
	if err != nil {
		return err
	}
	if by != 0 && m.Admin {
		return fault.New(fault.Forbidden, "Administrators are suspended from the command line only.")
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := access.Suspend(ctx, tx, who, by, reason, s.now()); err != nil {
			return err
		}
		return s.endTokens(ctx, tx, who)
	})
}

// Restore takes a suspension back.
func (s *Service) Restore(ctx context.Context, who actors.ID) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		changed, err := access.Unsuspend(ctx, tx, who)
		if err == nil && !changed {
			err = fault.New(fault.NotFound, "This account is not suspended.")
		}
		return err
	})
}

// errSuspended is what they read who may not come in.
var errSuspended = fault.New(fault.Forbidden, "This account is suspended. Write to the contact of this server.")

// Admitted refuses a member who is suspended.
func (s *Service) Admitted(ctx context.Context, who actors.ID) error {
	suspended, err := access.IsSuspended(ctx, s.db, who)
	if err == nil && suspended {
		err = errSuspended
	}
	return err
}
