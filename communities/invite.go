package communities

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// Invite lets somebody, here or elsewhere, become a member without asking; who asked already
// is one at once. A confidential community invites only to servers that it showed itself to.
func (s *Service) Invite(ctx context.Context, animator, community, who actors.ID) error {
	guest, err := s.dir.ByID(ctx, who)
	if err != nil {
		return err
	}
	if guest.Kind != actors.Person {
		return fault.New(fault.Invalid, "Only people are invited.")
	}
	group, err := s.dir.ByID(ctx, community)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		return s.invite(ctx, tx, animator, guest, group)
	})
	if err == nil {
		s.poke()
	}
	return err
}

func (s *Service) invite(ctx context.Context, tx storage.Tx, animator actors.ID, guest, group actors.Actor) error {
	st, err := s.lockedStanding(ctx, tx, group.ID, guest.ID)
	switch {
	case err != nil:
		return err
	case st.Member:
		return fault.New(fault.Conflict, "This person is a member already.")
	case st.Blocked:
		return errBlocked
	case st.Archived:
		return errArchived
	}
	if st.Access == actors.Confidential && !guest.Local() {
		shown, err := hostShown(ctx, tx, group.ID, guest.HostID)
		if err != nil {
			return err
		}
		if !shown {
			return fault.New(fault.Forbidden, "This community does not show itself to this server: allow it first.")
		}
	}
	if err := insertInvitation(ctx, tx, group.ID, guest.ID, animator, s.now()); err != nil || guest.Local() {
		return err
	}
	return send(ctx, tx, outbox.Audience{To: []actors.ID{guest.ID}}, group, vocab.Activity{ID: s.iris.NewActivity(),
		Type: "Invite", Actor: group.IRI, Object: vocab.Link(group.IRI), Target: vocab.Link(guest.IRI),
		To: []string{guest.IRI}, Published: s.now()})
}

// ShowTo lets a confidential community show itself to a server that we know; its people may
// then be invited.
func (s *Service) ShowTo(ctx context.Context, animator, community actors.ID, host string) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		shown, err := shownHosts(ctx, tx, community)
		if err != nil || slices.Contains(shown, host) {
			return err
		}
		added, err := insertHost(ctx, tx, community, host, animator, s.now())
		if err == nil && !added {
			err = fault.New(fault.NotFound, "This server is not known here.")
		}
		return err
	})
}

// HideFrom takes that back: from then on nobody of that server sees anything, members included.
func (s *Service) HideFrom(ctx context.Context, animator, community actors.ID, host string) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		was, err := deleteHost(ctx, tx, community, host)
		if err == nil && !was {
			err = fault.New(fault.NotFound, "This community does not show itself to this server.")
		}
		return err
	})
}

// ShownTo lists the servers to which a confidential community shows itself.
func (s *Service) ShownTo(ctx context.Context, community actors.ID) ([]string, error) {
	return shownHosts(ctx, s.db, community)
}

// ReceiveInvite keeps that a community elsewhere invites somebody of ours, unless they are
// its member already.
func (s *Service) ReceiveInvite(ctx context.Context, tx storage.Tx, group, guest actors.Actor) error {
	role, err := roleOf(ctx, tx, group.ID, guest.ID)
	if err != nil || role != "" {
		return err
	}
	return insertInvitation(ctx, tx, group.ID, guest.ID, group.ID, s.now())
}
