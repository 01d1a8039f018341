package communities

import (
	"context"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/storage"
)

// ranks order the roles: who owns a community animates it, and more.
var ranks = map[string]int{RoleMember: 1, RoleAnimator: 2, RoleOwner: 3}

const (
	noMember = "This person is not a member."
	noOther  = "Hand this community over first: nobody else owns it."
)

// IsOwner says whether somebody owns a community.
func (s *Service) IsOwner(ctx context.Context, q storage.Querier, community, who actors.ID) (bool, error) {
	role, err := roleOf(ctx, q, community, who)
	return role == RoleOwner, err
}

// OwnsAlone says whether somebody owns a community, and nobody else does.
func (s *Service) OwnsAlone(ctx context.Context, community, who actors.ID) (bool, error) {
	return ownsAlone(ctx, s.db, community, who)
}

// RoleOf says what somebody is in a community, "" for who is no member.
func (s *Service) RoleOf(ctx context.Context, q storage.Querier, community, who actors.ID) (string, error) {
	return roleOf(ctx, q, community, who)
}

// SetRole has an owner make of a member what they are from now on; others only step down
// themselves. An owner lives here, and the last one hands over first.
func (s *Service) SetRole(ctx context.Context, by, community, who actors.ID, role string) error {
	if ranks[role] == 0 {
		return fault.New(fault.Invalid, "Somebody is a member, animates a community or owns it.")
	}
	return s.living(ctx, community, func(tx storage.Tx, group actors.Actor) error {
		return s.setRole(ctx, tx, naming{group, by, who, role})
	})
}

// naming is that somebody makes of a member what they are from now on.
type naming struct {
	group   actors.Actor
	by, who actors.ID // by 0: an administrator
	role    string
}

func (s *Service) setRole(ctx context.Context, tx storage.Tx, n naming) error {
	was, err := roleOf(ctx, tx, n.group.ID, n.who)
	if err != nil {
		return err
	}
	if was == "" {
		return fault.New(fault.NotFound, noMember)
	}
	if n.by != n.who || ranks[n.role] > ranks[was] {
		if err := s.requireOwner(ctx, tx, n.group.ID, n.by); err != nil {
			return err
		}
	}
	if was == n.role {
		return nil
	}
	if was == RoleOwner {
		if err := mayStepDown(ctx, tx, n.group.ID, n.who); err != nil {
			return err
		}
	}
	return s.give(ctx, tx, n, was)
}

// mayStepDown refuses the last owner.
func mayStepDown(ctx context.Context, tx storage.Tx, community, who actors.ID) error {
	alone, err := ownsAlone(ctx, tx, community, who)
	if err == nil && alone {
		err = fault.New(fault.Conflict, noOther)
	}
	return err
}

// give writes a role, and tells it to other servers where it changes who moderates.
func (s *Service) give(ctx context.Context, tx storage.Tx, n naming, was string) error {
	who, err := s.dir.ByID(ctx, n.who)
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	if n.role == RoleOwner {
		if err := mayOwn(ctx, tx, who); err != nil {
			return err
		}
	}
	if err := updateRole(ctx, tx, n.group.ID, n.who, n.role); err != nil {
		return err
	}
	if err := s.recordRole(ctx, tx, n, Name, n.role); err != nil {
		return err
	}
	if n.by != n.who {
		if err := s.notify(ctx, tx, roleNotices[n.role], n.group.ID, n.who); err != nil {
			return err
		}
	}
	if (ranks[was] >= ranks[RoleAnimator]) == (ranks[n.role] >= ranks[RoleAnimator]) {
		return nil
	}
	return s.tellModerator(ctx, tx, n, who)
}

// roleNotices tell people of ours what they are now.
var roleNotices = map[string]string{RoleOwner: notifications.Owner, RoleAnimator: notifications.Promoted, RoleMember: notifications.Demoted}

// mayOwn demands an account here that is in use: the pages of an owner are here.
func mayOwn(ctx context.Context, q storage.Querier, who actors.Actor) error {
	present, err := livesHere(ctx, q, who.ID)
	if err == nil && !present {
		err = fault.New(fault.Forbidden, "Only somebody with an account here owns a community.")
	}
	return err
}

// HandOver makes a member the owner of a community, and of who owned it what they choose to be.
func (s *Service) HandOver(ctx context.Context, owner, community, to actors.ID, become string) error {
	switch {
	case become != RoleAnimator && become != RoleMember:
		return fault.New(fault.Invalid, "Who hands a community over animates it from then on, or is a member.")
	case owner == to:
		return fault.New(fault.Invalid, "Choose to whom the community is handed over.")
	}
	return s.living(ctx, community, func(tx storage.Tx, group actors.Actor) error {
		if err := s.setRole(ctx, tx, naming{group, owner, to, RoleOwner}); err != nil {
			return err
		}
		return s.setRole(ctx, tx, naming{group, owner, owner, become})
	})
}

// Appoint has an administrator name an owner for a community whose owners are all gone or
// suspended; from the command line, for any. The new one is a member already: nobody comes in by
// this way.
func (s *Service) Appoint(ctx context.Context, by acts.By, community, who actors.ID) error {
	return s.living(ctx, community, func(tx storage.Tx, group actors.Actor) error {
		orphans, err := ownerlessIDs(ctx, tx)
		if err != nil {
			return err
		}
		if !by.Line && !slices.Contains(orphans, community) {
			return fault.New(fault.Forbidden, "This community has an owner, who names others.")
		}
		was, err := roleOf(ctx, tx, community, who)
		if err != nil {
			return err
		}
		if was == "" {
			return fault.New(fault.Forbidden, "Only a member of a community becomes its owner.")
		}
		if was == RoleOwner {
			return nil
		}
		if err := s.give(ctx, tx, naming{group, 0, who, RoleOwner}, was); err != nil {
			return err
		}
		level, err := access.LevelOf(ctx, tx, community)
		if err != nil {
			return err
		}
		of := group.Handle()
		if level == actors.Confidential {
			of = group.IRI
		}
		return acts.Record(ctx, tx, acts.Act{At: s.now(), Kind: acts.AppointOwner, By: by, Target: who, Words: of})
	})
}

// Ownerless lists the communities whose owners are all gone or suspended, for administrators.
func (s *Service) Ownerless(ctx context.Context) ([]Community, error) {
	ids, err := ownerlessIDs(ctx, s.db)
	if err != nil {
		return nil, err
	}
	rows, err := communityRows(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	return s.fill(ctx, rows)
}

// living does something to a community of ours that is there, holding it so that two who
// change who owns it come one after the other.
func (s *Service) living(ctx context.Context, community actors.ID, do func(tx storage.Tx, group actors.Actor) error) error {
	group, err := s.dir.ByID(ctx, community)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := lockCommunity(ctx, tx, community); err != nil {
			return err
		}
		return do(tx, group)
	})
	if err == nil {
		s.poke()
	}
	return err
}

func (s *Service) requireOwner(ctx context.Context, q storage.Querier, community, who actors.ID) error {
	is, err := s.IsOwner(ctx, q, community, who)
	if err == nil && !is {
		err = fault.New(fault.Forbidden, "Only who owns the community may do this.")
	}
	return err
}

// MayActOn refuses that who animates a community acts against who owns it, or an animator
// against another; an owner may against all but owners.
func (s *Service) MayActOn(ctx context.Context, q storage.Querier, community, by, on actors.ID) error {
	if by == on {
		return nil
	}
	theirs, err := roleOf(ctx, q, community, on)
	if err != nil || ranks[theirs] < ranks[RoleAnimator] {
		return err
	}
	if theirs == RoleOwner {
		return fault.New(fault.Forbidden, "Nobody acts so against who owns a community.")
	}
	mine, err := roleOf(ctx, q, community, by)
	if err == nil && mine != RoleOwner {
		err = fault.New(fault.Forbidden, "Only who owns a community acts so against who animates it.")
	}
	return err
}

// tellModerator adds somebody to those who moderate a community, or removes them, in the words
// of Lemmy and its kin: by who did it, announced by the community.
func (s *Service) tellModerator(ctx context.Context, tx storage.Tx, n naming, who actors.Actor) error {
	by := n.group
	if n.by != 0 {
		owner, err := s.dir.ByID(ctx, n.by)
		if err != nil && !fault.Is(err, fault.Gone) {
			return err
		}
		if owner.Local() {
			by = owner
		}
	}
	kind := "Remove"
	if ranks[n.role] >= ranks[RoleAnimator] {
		kind = "Add"
	}
	a := vocab.Activity{ID: s.iris.NewActivity(), Type: kind, Actor: by.IRI, Object: vocab.Link(who.IRI), Target: vocab.Link(n.group.Moderators),
		To: []string{vocab.Public}, Cc: []string{n.group.IRI}, Audience: []string{n.group.IRI}, Published: s.now()}
	circle, err := circleOf(ctx, tx, n.group.ID)
	if err != nil {
		return err
	}
	if circle != ForFollowers {
		a.To = []string{n.group.Followers}
	}
	body, err := s.dir.Prove(ctx, tx, by.ID, a)
	if err != nil {
		return err
	}
	return s.Announce(ctx, tx, n.group, What{Activity: body, ActivityIRI: a.ID, ActivityType: a.Type, Object: who.IRI,
		Root: int64(n.group.ID), At: a.Published, Circle: circle})
}
