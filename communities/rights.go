package communities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Roles of a membership.
const (
	roleMember   = "member"
	roleAnimator = "animator"
	roleOwner    = "owner" // an animator whom others cannot remove
)

// Animators gives those who animate a community, its owner among them, the first first.
func (s *Service) Animators(ctx context.Context, q storage.Querier, id actors.ID) ([]actors.Actor, error) {
	ids, err := animatorIDs(ctx, q, id)
	if err != nil {
		return nil, err
	}
	known, err := s.dir.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []actors.Actor
	for _, id := range ids {
		if a, ok := known[id]; ok && !a.Gone {
			all = append(all, a)
		}
	}
	return all, nil
}

// IsAnimator says whether somebody animates a community.
func (s *Service) IsAnimator(ctx context.Context, q storage.Querier, community, who actors.ID) (bool, error) {
	role, err := roleOf(ctx, q, community, who)
	return role == roleAnimator || role == roleOwner, err
}

// MayPublish says whether somebody may publish in a community of ours: nil, or a
// fault. In an open one everybody may whom it has not blocked.
func (s *Service) MayPublish(ctx context.Context, q storage.Querier, community actors.ID, author actors.Actor) error {
	st, err := standingOf(ctx, q, community, author.ID)
	if err != nil {
		return err
	}
	return st.mayPublish()
}

// QueueMayPublish asks MayPublish in the first trip of a batch that publishes:
// who may not makes the batch fail, with the same fault, and its transaction with it.
func (s *Service) QueueMayPublish(b *pgx.Batch, community, author actors.ID) {
	b.Queue(selectStandings, []actors.ID{community}, []actors.ID{author}).Query(func(rows pgx.Rows) error {
		st, err := readStanding(rows)
		if err != nil {
			return err
		}
		return st.mayPublish()
	})
}

// Publication is that somebody publishes in a community of ours.
type Publication struct{ Community, Author actors.ID }

// MayPublishEach is MayPublish for many at once: those that are not in what it gives may not.
func (s *Service) MayPublishEach(ctx context.Context, q storage.Querier, all []Publication) (map[Publication]bool, error) {
	var communities, authors []actors.ID
	for _, p := range all {
		communities, authors = append(communities, p.Community), append(authors, p.Author)
	}
	standings, err := standingsOf(ctx, q, communities, authors)
	may := map[Publication]bool{}
	for _, st := range standings {
		if st.mayPublish() == nil {
			may[Publication{st.Community, st.Who}] = true
		}
	}
	return may, err
}

func (st standing) mayPublish() error {
	switch {
	case st.Blocked:
		return fault.New(fault.Forbidden, "This community takes nothing from this person.")
	case st.Access != Open && !st.Member:
		return fault.New(fault.Forbidden, "Only members publish in this community.")
	}
	return nil
}

// Join makes a member of ours a member of an open community, who follows it.
func (s *Service) Join(ctx context.Context, community, who actors.ID) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		st, err := standingOf(ctx, tx, community, who)
		switch {
		case err != nil:
			return err
		case st.Blocked || st.Access != Open:
			return fault.New(fault.Forbidden, "This community cannot be joined so.")
		}
		return s.admit(ctx, tx, community, who, roleMember)
	})
}

// Leave ends a membership and the follow.
func (s *Service) Leave(ctx context.Context, community, who actors.ID) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		role, err := roleOf(ctx, tx, community, who)
		if err != nil {
			return err
		}
		if role == roleOwner {
			return fault.New(fault.Conflict, "Who owns a community cannot leave it.")
		}
		if err := deleteMembership(ctx, tx, community, who); err != nil {
			return err
		}
		_, err = s.dir.EndFollow(ctx, tx, community, who)
		return err
	})
}
