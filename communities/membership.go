package communities

import (
	"context"
	"strconv"
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

// Joining is that somebody of ours would be a member of a community.
type Joining struct {
	Community, Who actors.ID
	Words          string   // for those who animate it
	Charter        int      // the version that they accept; 0: none
	Answers        []string // to the questions, in their order

	thing string // of which it is one
}

// Ask has somebody of ours become a member of a community of ours that asks nothing more than
// words; Join is for all.
func (s *Service) Ask(ctx context.Context, community, who actors.ID, words string) (Standing, error) {
	return s.Join(ctx, Joining{Community: community, Who: who, Words: words})
}

// Join makes a member of somebody: at once where the community is open or invited them, else
// when its animators say so. Who joins accepts its charter as it stands; who is to be
// answered answers its questions. A community elsewhere answers as it does.
func (s *Service) Join(ctx context.Context, j Joining) (Standing, error) {
	j.Words = strings.TrimSpace(j.Words)
	if utf8.RuneCountInString(j.Words) > longestWords {
		return Stranger, fault.New(fault.TooLarge, "A request may have 2,000 characters.")
	}
	group, err := s.dir.ByID(ctx, j.Community)
	if err != nil {
		return Stranger, err
	}
	if !group.Local() {
		return s.joinElsewhere(ctx, group, j)
	}
	j.thing = strconv.FormatInt(s.now().UnixNano(), 10)
	var became Standing
	err = s.db.Write(ctx, func(tx storage.Tx) (err error) {
		became, err = s.ask(ctx, tx, j)
		if err != nil {
			return err
		}
		return deleteNotice(ctx, tx, Notice{Who: j.Who, Community: j.Community, Kind: NoticeClosed})
	})
	return became, err
}

func (s *Service) ask(ctx context.Context, tx storage.Tx, j Joining) (Standing, error) {
	st, err := s.lockedStanding(ctx, tx, j.Community, j.Who)
	switch {
	case err != nil:
		return Stranger, err
	case st.Member:
		return Member, nil
	case st.Access == actors.Confidential && (!st.Invited || st.Blocked):
		return Stranger, errUnknown
	case st.Blocked:
		return Stranger, errBlocked
	case st.Archived:
		return Stranger, errArchived
	}
	if err := s.agree(ctx, tx, j.Community, j.Who, j.Charter); err != nil {
		return Stranger, err
	}
	if err := s.comes(j.Community, j.Who, j.thing); err != nil {
		return Stranger, err
	}
	if st.Invited || st.Access == actors.Open {
		return Member, s.admit(ctx, tx, j.Community, j.Who, RoleMember)
	}
	return Asking, s.wait(ctx, tx, j)
}

// wait keeps the request of somebody of ours, with their answers.
func (s *Service) wait(ctx context.Context, tx storage.Tx, j Joining) error {
	questions, err := questionsOf(ctx, tx, j.Community)
	if err != nil {
		return err
	}
	answers, err := answered(questions, j.Answers)
	if err != nil {
		return err
	}
	c, err := crowdOf(ctx, tx, j.Community, j.Who, 0)
	if err != nil {
		return err
	}
	if err := c.tooMany(); err != nil {
		return err
	}
	r := request{Community: j.Community, Who: j.Who, Words: j.Words, AskedAt: s.now()}
	if err := upsertRequest(ctx, tx, r); err != nil {
		return err
	}
	if err := replaceAnswers(ctx, tx, r, answers); err != nil {
		return err
	}
	return s.tellRequest(ctx, tx, r.Community, r.Who, c)
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
	return s.living(ctx, community, func(tx storage.Tx, group actors.Actor) error {
		if err := mayStepDown(ctx, tx, community, who); err != nil {
			return err
		}
		if _, err := s.part(ctx, tx, naming{group: group, by: who, who: who}); err != nil {
			return err // who is of ours: no server is asked anything
		}
		_, err := s.dir.EndFollow(ctx, tx, community, who)
		return err
	})
}

// part ends what somebody is in a community, tells other servers if they moderate it no more,
// and asks theirs to forget it where they were the last; asking waits for what tells the end.
func (s *Service) part(ctx context.Context, tx storage.Tx, n naming) (ask func() error, err error) {
	was, err := roleOf(ctx, tx, n.group.ID, n.who)
	if err != nil {
		return nil, err
	}
	if err := endMembership(ctx, tx, n.group.ID, n.who, s.now()); err != nil {
		return nil, err
	}
	if was == "" {
		return func() error { return nil }, nil
	}
	who, err := s.dir.ByID(ctx, n.who)
	if err != nil && !fault.Is(err, fault.Gone) {
		return nil, err
	}
	if ranks[was] >= ranks[RoleAnimator] {
		if err := s.recordRole(ctx, tx, n, Part, was); err != nil {
			return nil, err
		}
		if err := s.tellModerator(ctx, tx, n, who); err != nil {
			return nil, err
		}
	}
	return func() error { return s.askToPurge(ctx, tx, n.group, who) }, nil
}

// MembersAmong gives those of some people who are members of a community.
func (s *Service) MembersAmong(ctx context.Context, q storage.Querier, community actors.ID, who []actors.ID) ([]actors.ID, error) {
	return membersAmong(ctx, q, community, who)
}

// CountMembers counts who belongs to a community.
func (s *Service) CountMembers(ctx context.Context, q storage.Querier, community actors.ID) (int, error) {
	return countMembers(ctx, q, community)
}

// CountOnlookers counts who follows a community without being its member.
func (s *Service) CountOnlookers(ctx context.Context, community actors.ID) (int, error) {
	return countOnlookers(ctx, s.db, community)
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
