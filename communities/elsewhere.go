package communities

import (
	"context"
	"html"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/storage"
)

// Roles that a community elsewhere gives.
const (
	Moderator = "moderator"
	Banned    = "banned"
)

// Role is what a community elsewhere says that somebody is in it, or no longer is.
type Role struct {
	Community actors.Actor
	Who       string // IRI
	Role      string
	Holds     bool
	Until     time.Time // of a ban; zero: for ever
	Reason    string
	At        time.Time // when it was said: what was said last holds
}

// ReceiveRole keeps such a role, whose authority the inbox established; changed tells
// whether it was otherwise before.
func (s *Service) ReceiveRole(ctx context.Context, tx storage.Tx, r Role) (changed bool, err error) {
	if r.Community.Local() {
		return false, fault.New(fault.Forbidden, "Only its owner says who is what in a community of ours.")
	}
	return upsertRole(ctx, tx, r)
}

// List is who moderates a community elsewhere, as its own server shows it.
type List struct {
	Community actors.Actor
	IRIs      []string
	Whole     bool // nobody else does
	At        time.Time
}

// ReceiveModerators keeps whom a list names, and, if it is whole, no longer those whom it
// does not; what was said later stands.
func (s *Service) ReceiveModerators(ctx context.Context, tx storage.Tx, l List) error {
	if l.Community.Local() {
		return fault.New(fault.Forbidden, "Only its owner says who is what in a community of ours.")
	}
	return upsertModerators(ctx, tx, l)
}

// Moderates says whether somebody may moderate a community: of ours, who animates it; of
// others, itself and those whom it named. To live on its server is not enough.
func (s *Service) Moderates(ctx context.Context, q storage.Querier, community, who actors.Actor) (bool, error) {
	switch {
	case community.Local():
		return s.IsAnimator(ctx, q, community.ID, who.ID)
	case who.ID == community.ID:
		return true, nil
	}
	return holdsRole(ctx, q, Role{Community: community, Who: who.IRI, Role: Moderator, At: s.now()})
}

// RequireModerator refuses who may not moderate a community, here or elsewhere.
func (s *Service) RequireModerator(ctx context.Context, q storage.Querier, community, who actors.Actor) error {
	may, err := s.Moderates(ctx, q, community, who)
	if err == nil && !may {
		err = fault.New(fault.Forbidden, "Only who animates a community does this.")
	}
	return err
}

// joinElsewhere has somebody of ours ask a community elsewhere to be a member. What they answer to
// its questions and charter goes to it as a reply to the letter that it writes.
func (s *Service) joinElsewhere(ctx context.Context, group actors.Actor, j Joining) (Standing, error) {
	by, err := s.dir.ByID(ctx, j.Who)
	if err != nil {
		return Stranger, err
	}
	became := Asking
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.MayWriteTo(ctx, tx, group, by); err != nil {
			return err
		}
		if became, err = s.StandingOf(ctx, tx, group.ID, j.Who); err != nil || became == Member {
			return err
		}
		became = Asking
		return s.sendJoin(ctx, tx, by, group, j)
	})
	if err == nil {
		s.poke()
	}
	return became, err
}

func (s *Service) sendJoin(ctx context.Context, tx storage.Tx, by, group actors.Actor, j Joining) error {
	join := vocab.Activity{ID: s.iris.NewActivity(), Type: "Join", Actor: by.IRI, Object: vocab.Link(group.IRI),
		To: []string{group.IRI}, Content: html.EscapeString(j.Words), Published: s.now()}
	if err := upsertRequest(ctx, tx, request{Community: group.ID, Who: by.ID, Words: j.Words, AskedAt: s.now()}); err != nil {
		return err
	}
	f, err := s.dir.FollowOf(ctx, tx, group.ID, by.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if f.State != actors.Accepted {
		f = actors.Follow{Followee: group.ID, Follower: by.ID, State: actors.Pending, IRI: join.ID, AskedAt: s.now()}
		if err := s.dir.SetFollow(ctx, tx, f); err != nil {
			return err
		}
	}
	return send(ctx, tx, outbox.Audience{To: []actors.ID{group.ID}}, by, join)
}

// Answered is what a community elsewhere answered to somebody of ours.
type Answered struct {
	Group    actors.Actor
	Who      actors.ID
	Join     bool // to a Join, rather than a Follow
	Accepted bool
}

// ReceiveAnswer makes a member of whom a community elsewhere let in: who asked to join it,
// or to follow one that is for members. A refusal ends it.
func (s *Service) ReceiveAnswer(ctx context.Context, tx storage.Tx, a Answered) error {
	if !a.Accepted {
		return s.endedElsewhere(ctx, tx, a.Group.ID, a.Who)
	}
	follows, err := s.follows(ctx, tx, a.Group.ID, a.Who)
	if err != nil || !follows {
		return err
	}
	if a.Join {
		_, err := takeRequest(ctx, tx, a.Group.ID, a.Who)
		if fault.Is(err, fault.NotFound) {
			return nil // it answers to nothing that was asked
		}
		if err != nil {
			return err
		}
	}
	if !a.Join && !a.Group.Access.Closed() {
		return nil
	}
	return s.belongsElsewhere(ctx, tx, a.Group.ID, a.Who)
}

// belongsElsewhere has one of ours be a member of a community elsewhere, and tells them once.
func (s *Service) belongsElsewhere(ctx context.Context, tx storage.Tx, group, who actors.ID) error {
	role, err := roleOf(ctx, tx, group, who)
	if err != nil || role != "" {
		return err
	}
	if err := insertMembership(ctx, tx, membership{group, who, RoleMember, s.now()}); err != nil {
		return err
	}
	return s.notify(ctx, tx, notifications.Approved, group, who)
}

// endedElsewhere ends what one of ours is in a community elsewhere, which decided so: a
// membership, or a request.
func (s *Service) endedElsewhere(ctx context.Context, tx storage.Tx, group, who actors.ID) error {
	was, err := s.StandingOf(ctx, tx, group, who)
	if err != nil {
		return err
	}
	if err := endMembership(ctx, tx, group, who, s.now()); err != nil {
		return err
	}
	switch was {
	case Member:
		return s.notify(ctx, tx, notifications.Removed, group, who)
	case Asking:
		return s.notify(ctx, tx, notifications.Declined, group, who)
	}
	return nil
}

// ReceiveMember takes what a community elsewhere says of its members: one of ours who follows
// it is one, or no longer.
func (s *Service) ReceiveMember(ctx context.Context, tx storage.Tx, group actors.Actor, who actors.ID, member bool) error {
	if !member {
		return s.endedElsewhere(ctx, tx, group.ID, who)
	}
	follows, err := s.follows(ctx, tx, group.ID, who)
	if err != nil || !follows {
		return err
	}
	return s.belongsElsewhere(ctx, tx, group.ID, who)
}

// LeaveElsewhere ends what somebody of ours is in a community elsewhere; accounts tells it.
func (s *Service) LeaveElsewhere(ctx context.Context, tx storage.Tx, group, who actors.ID) error {
	return endMembership(ctx, tx, group, who, s.now())
}

func (s *Service) follows(ctx context.Context, tx storage.Tx, group, who actors.ID) (bool, error) {
	f, err := s.dir.FollowOf(ctx, tx, group, who)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return f.State == actors.Accepted, err
}

// MayBegin refuses a member of ours who would begin a thread in a community elsewhere in which
// only its members do, or only those who moderate it.
func (s *Service) MayBegin(ctx context.Context, q storage.Querier, community, who actors.Actor) error {
	if community.Local() {
		return nil
	}
	if community.Access.Closed() {
		role, err := roleOf(ctx, q, community.ID, who.ID)
		if err == nil && role == "" {
			err = fault.New(fault.Forbidden, "Only members publish in this community.")
		}
		if err != nil {
			return err
		}
	}
	if !community.Restricted {
		return nil
	}
	may, err := s.Moderates(ctx, q, community, who)
	if err == nil && !may {
		err = fault.New(fault.Forbidden, "In this community only those who moderate it begin anything.")
	}
	return err
}

// MayWriteTo refuses a member of ours whom a community elsewhere has shut out: it would
// not take what they write.
func (s *Service) MayWriteTo(ctx context.Context, q storage.Querier, community, who actors.Actor) error {
	if community.Local() {
		return nil
	}
	out, err := holdsRole(ctx, q, Role{Community: community, Who: who.IRI, Role: Banned, At: s.now()})
	if err == nil && out {
		return fault.New(fault.Forbidden, "This community takes nothing from you.")
	}
	return err
}
