package moderation

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/posts"
	"passerelles/storage"
)

// Appeal is that somebody asks another animator to look again at what was done to their post, or to them.
type Appeal struct {
	Ruling     int64
	By         actors.ID
	Words      string
	At         time.Time
	AnsweredAt *time.Time // nil: it waits
	AnsweredBy actors.ID
	Granted    bool // what was done was taken back
	Answer     string
}

// undoes says what takes back a ruling that can be appealed against.
var undoes = map[string]string{communities.Remove: communities.Restore, communities.Lock: communities.Unlock, communities.Banish: communities.Pardon}

// MayAppeal says whether somebody may appeal against a ruling: whose post it is, once.
func (s *Service) MayAppeal(ctx context.Context, who actors.ID, r communities.Ruling) (bool, error) {
	if who == 0 || who != r.Person || who == r.By || undoes[r.Act] == "" {
		return false, nil
	}
	_, err := appealOf(ctx, s.DB, r.ID)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	return false, err
}

// Appeal asks another animator to look again.
func (s *Service) Appeal(ctx context.Context, who actors.ID, ruling int64, words string) error {
	words = strings.TrimSpace(words)
	switch {
	case words == "":
		return fault.New(fault.Invalid, "Say in a few words why it should be looked at again.")
	case utf8.RuneCountInString(words) > longestReason:
		return fault.New(fault.TooLarge, "An appeal may have 5,000 characters.")
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		r, err := s.Communities.RulingByID(ctx, tx, who, ruling)
		if err != nil {
			return err
		}
		if who != r.Person || who == r.By || undoes[r.Act] == "" {
			return fault.New(fault.Forbidden, "Only whom it concerns asks for another look.")
		}
		others, err := s.otherAnimators(ctx, tx, r)
		if err != nil {
			return err
		}
		if len(others) == 0 {
			return fault.New(fault.Conflict, "Nobody else animates this community: report it to the administrators.")
		}
		if err := insertAppeal(ctx, tx, Appeal{Ruling: r.ID, By: who, Words: words, At: s.Now()}); err != nil {
			return err
		}
		return s.Notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Appeal, Community: r.Community, Ref: r.ID}, others...)
	})
}

func (s *Service) otherAnimators(ctx context.Context, q storage.Querier, r communities.Ruling) (others []actors.ID, err error) {
	all, err := s.Communities.Animators(ctx, q, r.Community)
	for _, a := range all {
		if a.ID != r.By && a.ID != r.Person {
			others = append(others, a.ID)
		}
	}
	return others, err
}

// AppealOf gives the appeal against a ruling, fault.NotFound for want of one.
func (s *Service) AppealOf(ctx context.Context, ruling int64) (Appeal, error) {
	return appealOf(ctx, s.DB, ruling)
}

// MayAnswer says whether somebody may answer an appeal: who animates the community, and
// neither did it nor is concerned.
func (s *Service) MayAnswer(ctx context.Context, q storage.Querier, who actors.ID, r communities.Ruling) (bool, error) {
	if who == 0 || who == r.By || who == r.Person {
		return false, nil
	}
	return s.Communities.IsAnimator(ctx, q, r.Community, who)
}

// AppealsFor gives the rulings of a community against which there are appeals that somebody
// may answer, the first first.
func (s *Service) AppealsFor(ctx context.Context, who, community actors.ID) ([]int64, error) {
	animates, err := s.Communities.IsAnimator(ctx, s.DB, community, who)
	if err != nil || !animates {
		return nil, err
	}
	return appealsWaiting(ctx, s.DB, community, who)
}

// AnswerAppeal ends an appeal with words. Granted, what was done is taken back first: should
// the rest fail, it is answered again.
func (s *Service) AnswerAppeal(ctx context.Context, who actors.ID, ruling int64, granted bool, words string) error {
	words = strings.TrimSpace(words)
	switch {
	case words == "":
		return fault.New(fault.Invalid, "Say in a few words how it was settled.")
	case utf8.RuneCountInString(words) > longestReason:
		return fault.New(fault.TooLarge, "An answer to an appeal may have 5,000 characters.")
	}
	r, err := s.Communities.RulingByID(ctx, s.DB, who, ruling)
	if err != nil {
		return err
	}
	may, err := s.MayAnswer(ctx, s.DB, who, r)
	if err != nil {
		return err
	}
	if !may {
		return fault.New(fault.Forbidden, "Another animator answers an appeal.")
	}
	a, err := appealOf(ctx, s.DB, ruling)
	if err != nil {
		return err
	}
	if a.AnsweredAt != nil {
		return fault.New(fault.Conflict, "This appeal is answered already.")
	}
	if granted {
		if err := s.takeBack(ctx, who, r); err != nil && !fault.Is(err, fault.Gone) {
			return err
		}
	}
	a.AnsweredBy, a.Granted, a.Answer = who, granted, words
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		if err := updateAppeal(ctx, tx, a, s.Now()); err != nil {
			return err
		}
		return s.Notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Answered, Ref: r.ID}, a.By)
	})
}

// takeBack does the opposite of a ruling; a ban that is over needs none.
func (s *Service) takeBack(ctx context.Context, who actors.ID, r communities.Ruling) error {
	if r.Act != communities.Banish {
		return s.Posts.Rule(ctx, who, r.Post, posts.Ruling{Act: undoes[r.Act]})
	}
	err := s.Unban(ctx, who, r.Community, r.Person)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}
