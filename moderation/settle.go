package moderation

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/posts"
	"passerelles/storage"
)

// Judge is who wants to settle reports. The zero Judge is nobody; who has the command line is
// an administrator with no number.
type Judge struct {
	ID    actors.ID
	Admin bool
	Line  bool // it acts on the command line
}

// Seat is what somebody is to a report.
type Seat string

// The seats.
const (
	Complainant Seat = "complainant" // reported it, and is told how it ends
	Animator    Seat = "animator"
	Admin       Seat = "administrator" // also sees who reported
)

const noReport = "This report does not exist, or not for you."

// Queue gives the reports that a judge may settle: of a community, or, community being 0, of
// the server. Those that wait come first, the oldest of them first. For whoever may settle
// none there is nothing: fault.NotFound.
func (s *Service) Queue(ctx context.Context, j Judge, community actors.ID) ([]Report, error) {
	if community == 0 {
		if !j.Admin {
			return nil, fault.New(fault.NotFound, noReport)
		}
		return queue(ctx, s.DB, 0, j.ID)
	}
	animates, err := s.Communities.IsAnimator(ctx, s.DB, community, j.ID)
	if err == nil && !animates {
		err = fault.New(fault.NotFound, noReport)
	}
	if err != nil {
		return nil, err
	}
	return queue(ctx, s.DB, community, j.ID)
}

// ReportFor gives a report to who reported it or may settle it, and what they are to it. Nobody
// settles what is said of themselves.
func (s *Service) ReportFor(ctx context.Context, j Judge, id int64) (Report, Seat, error) {
	r, err := reportByID(ctx, s.DB, id)
	if err != nil {
		return r, "", err
	}
	seat, err := s.seat(ctx, s.DB, j, r)
	return r, seat, err
}

func (s *Service) seat(ctx context.Context, q storage.Querier, j Judge, r Report) (Seat, error) {
	judged := j.ID != 0 && j.ID == r.Person
	if j.Admin && r.ToServer && !judged {
		return Admin, nil
	}
	if r.Community != 0 && j.ID != 0 && !judged {
		animates, err := s.Communities.IsAnimator(ctx, q, r.Community, j.ID)
		if err != nil {
			return "", err
		}
		if animates {
			return Animator, nil
		}
	}
	if j.ID != 0 && j.ID == r.By {
		return Complainant, nil
	}
	return "", fault.New(fault.NotFound, noReport)
}

// Settle ends a report with words that who reported it reads.
func (s *Service) Settle(ctx context.Context, j Judge, id int64, words string) error {
	words = strings.TrimSpace(words)
	switch {
	case words == "":
		return fault.New(fault.Invalid, "Say in a few words how it was settled.")
	case utf8.RuneCountInString(words) > longestReason:
		return fault.New(fault.TooLarge, "A report may have 5,000 characters.")
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		r, err := lockReport(ctx, tx, id)
		if err != nil {
			return err
		}
		seat, err := s.seat(ctx, tx, j, r)
		switch {
		case err != nil:
			return err
		case seat == Complainant:
			return fault.New(fault.Forbidden, "Those who are asked settle a report.")
		case r.SettledAt != nil:
			return fault.New(fault.Conflict, "This report is settled already.")
		}
		if err := settleReport(ctx, tx, r.ID, j.ID, words, s.Now()); err != nil {
			return err
		}
		if seat == Admin {
			a := acts.Act{At: s.Now(), Kind: acts.SettleReport, By: acts.By{Account: j.ID, Line: j.Line}, About: strconv.FormatInt(r.ID, 10)}
			if err := acts.Record(ctx, tx, a); err != nil {
				return err
			}
		}
		return s.Notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Settled, Ref: r.ID}, r.By)
	})
}

// Words gives what the posts that a report names said when it was made. Who animates a
// community reads what was said in it, and nothing that was said elsewhere.
func (s *Service) Words(ctx context.Context, r Report, seat Seat) ([]posts.Words, error) {
	if seat == Complainant {
		return nil, nil
	}
	all, err := s.Posts.WordsOf(ctx, s.DB, r.About, r.At)
	if seat == Animator {
		all = slices.DeleteFunc(all, func(w posts.Words) bool { return w.Community != r.Community })
	}
	return all, err
}
