package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/storage"
)

// Inheritance is that a community passes to somebody once its last owner is gone.
type Inheritance struct {
	Community actors.Actor
	Heir      *actors.Actor // nil: nobody animates it here, and the administrators name an owner
}

// Inheritances says what becomes of the communities that somebody owns alone, should they go.
func (s *Service) Inheritances(ctx context.Context, who actors.ID) ([]Inheritance, error) {
	rows, err := inheritancesOf(ctx, s.db, who)
	if err != nil {
		return nil, err
	}
	var all []Inheritance
	for _, r := range rows {
		i := Inheritance{}
		if i.Community, err = s.dir.ByID(ctx, r.Community); err != nil {
			return nil, err
		}
		if r.Heir != nil {
			heir, err := s.dir.ByID(ctx, *r.Heir)
			if err != nil {
				return nil, err
			}
			i.Heir = &heir
		}
		all = append(all, i)
	}
	return all, nil
}

// Forget ends each membership of somebody who is no more. What they owned alone passes to who
// animates it longest.
func (s *Service) Forget(ctx context.Context, tx storage.Tx, who actors.ID) error {
	if err := lockCommunitiesOf(ctx, tx, who); err != nil { // another owner may go at the same moment
		return err
	}
	rows, err := inheritancesOf(ctx, tx, who)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Heir == nil {
			continue
		}
		if err := updateRole(ctx, tx, r.Community, *r.Heir, RoleOwner); err != nil {
			return err
		}
		n := naming{group: actors.Actor{ID: r.Community}, who: *r.Heir}
		if err := s.recordRole(ctx, tx, n, Name, RoleOwner); err != nil {
			return err
		}
		if err := s.notify(ctx, tx, notifications.Owner, r.Community, *r.Heir); err != nil {
			return err
		}
	}
	left, err := oursOf(ctx, tx, who)
	if err != nil {
		return err
	}
	if err := forgetMember(ctx, tx, who); err != nil {
		return err
	}
	for _, community := range left {
		if err := s.lastIsGone(ctx, tx, community, who); err != nil {
			return err
		}
	}
	return nil
}

// lastIsGone asks the server of somebody who was deleted there to forget a community of ours, if
// nobody else there is a member.
func (s *Service) lastIsGone(ctx context.Context, tx storage.Tx, community, who actors.ID) error {
	group, err := s.dir.ByID(ctx, community)
	if err != nil {
		return err
	}
	last, err := s.dir.ByID(ctx, who)
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	return s.askToPurge(ctx, tx, group, last)
}
