package access

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// Knows says whether the reader may know that there is this actor. Of a community that is
// confidential only its members may, whom it invites, and the servers that it allowed; of
// all others everybody. Of one that is no more they may who could until then.
func Knows(ctx context.Context, q storage.Querier, r Reader, a actors.Actor) (bool, error) {
	if a.Kind != actors.Group || r.ID != 0 && r.ID == a.ID {
		return true, nil
	}
	of, err := levelOf(ctx, q, a.ID) // what is remembered of it may be a minute old
	if err != nil || of.Access != actors.Confidential {
		return err == nil, err
	}
	s, err := standingIn(ctx, q, r, a.ID)
	return s.member || s.awaited, err
}

// LevelOf gives the level of access of a community as it is now.
func LevelOf(ctx context.Context, q storage.Querier, community actors.ID) (actors.Access, error) {
	of, err := levelOf(ctx, q, community)
	return of.Access, err
}

// Belongs says whether the reader is a member of a community, or the server of one, and so reads
// what is for its members.
func Belongs(ctx context.Context, q storage.Querier, r Reader, community actors.ID) (bool, error) {
	s, err := standingIn(ctx, q, r, community)
	return s.member, err
}

// standing is what a reader is in a community.
type standing struct {
	hidden           bool // the community is confidential
	ended            bool // it is no more
	member, animator bool
	awaited          bool // it may see the community, and not yet what is said there
}

// standingIn looks at the person, or for a server at those who live there; the server of a
// community elsewhere holds all that is said in it.
func standingIn(ctx context.Context, q storage.Querier, r Reader, community actors.ID) (standing, error) {
	if community == 0 {
		return standing{}, nil
	}
	of, err := levelOf(ctx, q, community)
	if err != nil {
		return standing{}, err
	}
	s := standing{hidden: of.Access == actors.Confidential, ended: of.Ended}
	switch {
	case r.ID != 0:
		err = s.ofPerson(ctx, q, community, r.ID)
		return s, err
	case r.Host == "":
		return s, nil
	case r.Host == of.Host:
		s.member, s.animator = true, true
		return s, nil
	}
	if s.hidden {
		if s.awaited, err = hostAllowed(ctx, q, community, r.Host); err != nil || !s.awaited {
			return s, err
		}
	}
	roles, err := rolesAt(ctx, q, community, r.Host)
	s.hold(roles)
	return s, err
}

func (s *standing) ofPerson(ctx context.Context, q storage.Querier, community, who actors.ID) error {
	roles, err := rolesOf(ctx, q, community, who)
	if err != nil {
		return err
	}
	s.hold(roles)
	if !s.hidden || s.member {
		return nil
	}
	if s.ended {
		s.awaited, err = leftLast(ctx, q, community, who)
	} else {
		s.awaited, err = invited(ctx, q, community, who)
	}
	return err
}

func (s *standing) hold(roles []string) {
	for _, role := range roles {
		s.member = true
		s.animator = s.animator || role == "animator" || role == "owner"
	}
}
