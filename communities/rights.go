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
	RoleMember   = "member"
	RoleAnimator = "animator"
	RoleOwner    = "owner" // an animator whom others cannot remove
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
	return role == RoleAnimator || role == RoleOwner, err
}

// MayPublish says whether somebody may publish in a community of ours: nil, or a
// fault. In an open one everybody may whom it has not blocked.
func (s *Service) MayPublish(ctx context.Context, q storage.Querier, community actors.ID, author actors.Actor) error {
	return s.MayPublishFor(ctx, q, Publication{Community: community, Author: author.ID})
}

// MayPublishFor says it of what is for some circle of the community: who is not in it says
// nothing there.
func (s *Service) MayPublishFor(ctx context.Context, q storage.Querier, p Publication) error {
	st, err := s.standingOf(ctx, q, p.Community, p.Author)
	if err != nil {
		return err
	}
	return st.mayPublish(p)
}

// QueueMayPublish asks MayPublish in the first trip of a batch that publishes:
// who may not makes the batch fail, with the same fault, and its transaction with it.
func (s *Service) QueueMayPublish(b *pgx.Batch, p Publication) {
	b.Queue(selectStandings, []actors.ID{p.Community}, []actors.ID{p.Author}, s.now()).Query(func(rows pgx.Rows) error {
		st, err := readStanding(rows)
		if err != nil {
			return err
		}
		return st.mayPublish(p)
	})
}

// Publication is that somebody publishes in a community of ours.
type Publication struct {
	Community, Author actors.ID
	Circle            Circle
	Starts            bool // a thread
}

// MayPublishEach is MayPublish for many at once: those that are not in what it gives may not,
// or are counted and go one by one.
func (s *Service) MayPublishEach(ctx context.Context, q storage.Querier, all []Publication) (map[Publication]bool, error) {
	var communities, authors []actors.ID
	for _, p := range all {
		communities, authors = append(communities, p.Community), append(authors, p.Author)
	}
	standings, err := standingsOf(ctx, q, communities, authors, s.now())
	of := make(map[Publication]standing, len(standings))
	for _, st := range standings {
		of[Publication{Community: st.Community, Author: st.Who}] = st
	}
	may := map[Publication]bool{}
	for _, p := range all {
		st, found := of[Publication{Community: p.Community, Author: p.Author}]
		may[p] = found && !st.counted() && st.mayPublish(p) == nil
	}
	return may, err
}

// standingOf gives how somebody stands to a community of ours.
func (s *Service) standingOf(ctx context.Context, q storage.Querier, community, who actors.ID) (standing, error) {
	return standingOf(ctx, q, community, who, s.now())
}

func (st standing) mayPublish(p Publication) error {
	switch c := p.Circle; {
	case st.Blocked:
		return errBlocked
	case st.Archived:
		return errArchived
	case c == ForAnimators && !st.Animates:
		return fault.New(fault.Forbidden, "Only those who animate the community write to each other so.")
	case (st.Access != actors.Open || c == ForMembers) && !st.Member:
		return fault.New(fault.Forbidden, "Only members publish in this community.")
	}
	if p.Starts {
		return st.mayBegin()
	}
	return nil
}
