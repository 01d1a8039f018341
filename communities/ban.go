package communities

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// Ban is that a community of ours keeps somebody out: they neither join, ask, write nor react
// there, nor read what is for its members.
type Ban struct {
	Community, Who, By actors.ID
	Reason             string
	Since              time.Time
	Until              *time.Time // nil: until an animator ends it
	Activity           string     // IRI of the Block
	Removed            bool       // what they wrote there was taken away too
}

// Acts about a person.
const (
	Banish = "ban"
	Pardon = "unban"
)

// Told is the activity by which an animator bans somebody or ends it, as they signed it, for the
// community to announce.
type Told struct {
	IRI, Type string
	Body      []byte
}

// CheckBan says what is wrong with a ban before it is told.
func (s *Service) CheckBan(b Ban) error {
	switch {
	case strings.TrimSpace(b.Reason) == "":
		return fault.New(fault.Invalid, "Say why: the person reads it, and so does the log.")
	case utf8.RuneCountInString(b.Reason) > longestReason:
		return fault.New(fault.TooLarge, "A reason may have 500 characters.")
	case b.Until != nil && !b.Until.After(s.now()):
		return fault.New(fault.Invalid, "A ban ends in the future, or not at all.")
	}
	return nil
}

// Ban keeps somebody out of a community of ours from now on, by the word of who animates it,
// and announces it. Whoever is banned already is so in the new way; told twice it changes
// nothing. What they wrote is for package posts.
func (s *Service) Ban(ctx context.Context, tx storage.Tx, b Ban, told Told) (changed bool, err error) {
	group, who, err := s.both(ctx, b.Community, b.Who)
	if err != nil {
		return false, err
	}
	if err := s.mayBan(ctx, tx, b, who); err != nil {
		return false, err
	}
	now := s.now()
	b.Reason, b.Since, b.Activity = strings.TrimSpace(b.Reason), now, told.IRI
	if changed, err = upsertBan(ctx, tx, b); err != nil || !changed {
		return false, err
	}
	if err := s.shutOut(ctx, tx, b.By, who, group); err != nil {
		return true, err
	}
	return true, s.ruledPerson(ctx, tx, group, who, Ruling{By: b.By, Act: Banish, Reason: b.Reason, Until: b.Until}, told)
}

// Unban ends a ban; was tells whether there was one that held.
func (s *Service) Unban(ctx context.Context, tx storage.Tx, b Ban, told Told) (was bool, err error) {
	group, who, err := s.both(ctx, b.Community, b.Who)
	if err != nil {
		return false, err
	}
	if err := s.requireAnimator(ctx, tx, b.Community, b.By); err != nil {
		return false, err
	}
	if was, err = deleteBan(ctx, tx, b.Community, b.Who, s.now()); err != nil || !was {
		return false, err
	}
	return true, s.ruledPerson(ctx, tx, group, who, Ruling{By: b.By, Act: Pardon}, told)
}

func (s *Service) both(ctx context.Context, community, who actors.ID) (group, person actors.Actor, err error) {
	if group, err = s.dir.ByID(ctx, community); err != nil {
		return group, person, err
	}
	if !group.Local() || group.Kind != actors.Group {
		return group, person, fault.New(fault.Forbidden, "Only communities of this server are kept in order here.")
	}
	person, err = s.dir.ByID(ctx, who)
	if fault.Is(err, fault.Gone) {
		err = nil // what they wrote may still stand
	}
	return group, person, err
}

// mayBan is for who animates the community, and of who animates it for who owns it; nobody bans
// themselves. It locks how that person stands, so that they neither come in nor become the owner
// meanwhile.
func (s *Service) mayBan(ctx context.Context, tx storage.Tx, b Ban, who actors.Actor) error {
	if err := s.requireAnimator(ctx, tx, b.Community, b.By); err != nil {
		return err
	}
	if who.Kind != actors.Person && who.Kind != actors.Service || b.By == b.Who {
		return fault.New(fault.Invalid, "Only other people are banned.")
	}
	if _, err := s.lockedStanding(ctx, tx, b.Community, b.Who); err != nil {
		return err
	}
	if err := lockCommunity(ctx, tx, b.Community); err != nil {
		return err
	}
	return s.MayActOn(ctx, tx, b.Community, b.By, b.Who)
}

// shutOut ends what somebody is in a community, and the follow: their server gets nothing more,
// nor what waits.
func (s *Service) shutOut(ctx context.Context, tx storage.Tx, by actors.ID, who, group actors.Actor) error {
	role, err := roleOf(ctx, tx, group.ID, who.ID)
	if err != nil {
		return err
	}
	ask, err := s.part(ctx, tx, naming{group: group, by: by, who: who.ID})
	if err != nil {
		return err
	}
	follow, err := s.dir.FollowOf(ctx, tx, group.ID, who.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	ended, err := s.dir.AnswerFollow(ctx, tx, group.ID, who.ID, false)
	if err != nil || who.Local() {
		return err
	}
	if role != "" {
		if err := s.tellRemoval(ctx, tx, who, group, follow.IRI); err != nil {
			return err
		}
		return ask()
	}
	if ended {
		return s.answer(ctx, tx, who, group, vocab.Activity{ID: follow.IRI, Type: "Follow", Actor: who.IRI, Object: vocab.Link(group.IRI)}, "Reject")
	}
	return nil
}

// ruledPerson records what was done about a person, and has the community announce it to those
// who see what is said there.
func (s *Service) ruledPerson(ctx context.Context, tx storage.Tx, group, who actors.Actor, r Ruling, told Told) error {
	r.Community, r.Person, r.Activity, r.At = group.ID, who.ID, told.IRI, s.now()
	if err := insertRuling(ctx, tx, r); err != nil {
		return err
	}
	level, err := access.LevelOf(ctx, tx, group.ID)
	if err != nil {
		return err
	}
	circle := ForFollowers
	if level != actors.Open {
		circle = ForMembers
	}
	return s.Announce(ctx, tx, group, What{Activity: told.Body, ActivityIRI: told.IRI, ActivityType: told.Type,
		Object: who.IRI, Root: int64(who.ID), At: r.At, Circle: circle})
}

// BanOf gives the ban of somebody that holds now, fault.NotFound for want of one. Of a community
// elsewhere it is what its server told, by whom and by which activity unknown.
func (s *Service) BanOf(ctx context.Context, q storage.Querier, community, who actors.ID) (Ban, error) {
	b, err := banOf(ctx, q, community, who, s.now())
	if fault.Is(err, fault.NotFound) {
		return banElsewhere(ctx, q, community, who, s.now())
	}
	return b, err
}

// BannedPerson is a ban, and of whom.
type BannedPerson struct {
	Ban
	Person actors.Actor
}

// Bans gives the bans that hold, the latest first, for those who animate.
func (s *Service) Bans(ctx context.Context, animator, community actors.ID, limit int) ([]BannedPerson, error) {
	if err := s.requireAnimator(ctx, s.db, community, animator); err != nil {
		return nil, err
	}
	rows, err := bansOf(ctx, s.db, community, s.now(), limit)
	if err != nil {
		return nil, err
	}
	ids := make([]actors.ID, len(rows))
	for i, b := range rows {
		ids[i] = b.Who
	}
	known, err := s.dir.ByIDs(ctx, ids)
	var all []BannedPerson
	for _, b := range rows {
		if a, ok := known[b.Who]; ok {
			all = append(all, BannedPerson{b, a})
		}
	}
	return all, err
}

// Sweep forgets the bans that are over, links that ended a month ago, and the notices that
// nobody read. It is for a scheduled run.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return errors.Join(deleteOver(ctx, s.db, now, now.Add(-30*24*time.Hour)), deleteNotices(ctx, s.db, now.Add(-noticesLast)))
}
