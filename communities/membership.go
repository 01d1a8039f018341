package communities

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Standing is what somebody is in a community.
type Standing string

// The standings.
const (
	Stranger Standing = ""
	Asking   Standing = "asking"
	Invited  Standing = "invited"
	Member   Standing = "member" // whatever their role
)

const longestWords = 2000 // characters, of who asks

// Ask has somebody of ours become a member of a community of ours: at once where it is open
// or invited them, else when its animators say so. words are for these.
func (s *Service) Ask(ctx context.Context, community, who actors.ID, words string) (Standing, error) {
	words = strings.TrimSpace(words)
	if utf8.RuneCountInString(words) > longestWords {
		return Stranger, fault.New(fault.TooLarge, "A request may have 2,000 characters.")
	}
	var became Standing
	err := s.db.Write(ctx, func(tx storage.Tx) (err error) {
		became, err = s.ask(ctx, tx, request{Community: community, Who: who, Words: words, AskedAt: s.now()})
		return err
	})
	return became, err
}

func (s *Service) ask(ctx context.Context, tx storage.Tx, r request) (Standing, error) {
	st, err := s.standingOf(ctx, tx, r.Community, r.Who)
	switch {
	case err != nil:
		return Stranger, err
	case st.Member:
		return Member, nil
	case st.Access == actors.Confidential && (!st.Invited || st.Blocked):
		return Stranger, errUnknown
	case st.Blocked:
		return Stranger, fault.New(fault.Forbidden, "This community takes nothing from this person.")
	case st.Invited || st.Access == actors.Open:
		return Member, s.admit(ctx, tx, r.Community, r.Who, roleMember)
	}
	if err := upsertRequest(ctx, tx, r); err != nil {
		return Stranger, err
	}
	return Asking, s.tellRequest(ctx, tx, r.Community, r.Who)
}

// StandingOf says what somebody is in a community.
func (s *Service) StandingOf(ctx context.Context, q storage.Querier, community, who actors.ID) (Standing, error) {
	role, err := roleOf(ctx, q, community, who)
	if err != nil || role != "" {
		return Member, err
	}
	return standingBefore(ctx, q, community, who)
}

// Leave ends the membership of somebody of ours, their request or the answer to an
// invitation, and the follow.
func (s *Service) Leave(ctx context.Context, community, who actors.ID) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		alone, err := ownsAlone(ctx, tx, community, who)
		if err != nil {
			return err
		}
		if alone {
			return fault.New(fault.Conflict, "Who owns a community cannot leave it.")
		}
		if err := endMembership(ctx, tx, community, who, s.now()); err != nil {
			return err
		}
		_, err = s.dir.EndFollow(ctx, tx, community, who)
		return err
	})
}

// dismiss ends what somebody is in a community; who owns it alone stays.
func (s *Service) dismiss(ctx context.Context, tx storage.Tx, community, who actors.ID) error {
	alone, err := ownsAlone(ctx, tx, community, who)
	if err != nil || alone {
		return err
	}
	return endMembership(ctx, tx, community, who, s.now())
}

// MembersAmong gives those of some people who are members of a community.
func (s *Service) MembersAmong(ctx context.Context, q storage.Querier, community actors.ID, who []actors.ID) ([]actors.ID, error) {
	return membersAmong(ctx, q, community, who)
}

// CountMembers counts who belongs to a community.
func (s *Service) CountMembers(ctx context.Context, q storage.Querier, community actors.ID) (int, error) {
	return countMembers(ctx, q, community)
}

// Membership is that somebody belongs to a community.
type Membership struct {
	Who   actors.Actor
	Role  string
	Since time.Time
}

// MembersFor is Members for a member of ours: fault.Forbidden to who is none.
func (s *Service) MembersFor(ctx context.Context, reader, community, after actors.ID, limit int) ([]Membership, error) {
	role, err := roleOf(ctx, s.db, community, reader)
	if err != nil {
		return nil, err
	}
	if role == "" {
		return nil, fault.New(fault.Forbidden, "Only members see who belongs to a community.")
	}
	return s.Members(ctx, s.db, community, after, limit)
}

// Members lists who belongs to a community, those after an actor; 0: from the first.
func (s *Service) Members(ctx context.Context, q storage.Querier, community, after actors.ID, limit int) ([]Membership, error) {
	rows, err := memberIDs(ctx, q, community, after, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]actors.ID, len(rows))
	for i, m := range rows {
		ids[i] = m.Who
	}
	known, err := s.dir.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []Membership
	for _, m := range rows {
		if a, ok := known[m.Who]; ok && !a.Gone {
			all = append(all, Membership{a, m.Role, m.Since})
		}
	}
	return all, nil
}

// Belonging is that somebody belongs to a community, here or elsewhere.
type Belonging struct {
	Community actors.ID
	Animates  bool
}

// BelongingsOf gives the communities of which somebody is a member, the latest first.
func (s *Service) BelongingsOf(ctx context.Context, q storage.Querier, who actors.ID, limit int) ([]Belonging, error) {
	return belongingsOf(ctx, q, who, limit)
}
