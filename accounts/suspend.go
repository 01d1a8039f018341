package accounts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
)

// Suspend keeps a member from signing in, and hides what they wrote, until they are restored.
// Those who are signed in are so no longer.
func (s *Service) Suspend(ctx context.Context, by acts.By, who actors.ID, reason string) error {
	m, err := s.ByID(ctx, who)
	if err != nil {
		return err
	}
	if !by.Line && m.Admin {
		return fault.New(fault.Forbidden, "Administrators are suspended from the command line only.")
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		changed, err := access.Suspend(ctx, tx, who, by.Account, reason, s.now())
		if err != nil || !changed {
			return err
		}
		if err := s.endTokens(ctx, tx, who); err != nil {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.SuspendAccount, By: by, Target: who, Words: reason})
	})
}

// Restore takes a suspension back.
func (s *Service) Restore(ctx context.Context, by acts.By, who actors.ID) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		changed, err := access.Unsuspend(ctx, tx, who)
		if err == nil && !changed {
			err = fault.New(fault.NotFound, "This account is not suspended.")
		}
		if err != nil {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.RestoreAccount, By: by, Target: who})
	})
}

// record notes what an administrator did, at this moment.
func (s *Service) record(ctx context.Context, tx storage.Tx, a acts.Act) error {
	a.At = s.now()
	return acts.Record(ctx, tx, a)
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

// AdmittedByID gives a member who may act, as ByID and Admitted say.
func (s *Service) AdmittedByID(ctx context.Context, id actors.ID) (Member, error) {
	m, suspended, err := admittedByID(ctx, s.db, id)
	if err == nil && suspended {
		err = errSuspended
	}
	return m, err
}
