package accounts

import (
	"context"
	"strconv"
	"time"

	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Invite is a link that lets a number of people sign up.
type Invite struct {
	ID                   int64
	Label                string // for those who made it
	Most, Used           int
	CreatedAt, ExpiresAt time.Time
	Link                 string
}

// Ended says whether it lets nobody in any more.
func (i Invite) Ended(now time.Time) bool { return i.Used >= i.Most || !i.ExpiresAt.After(now) }

const (
	mostInvited    = 1000
	longestInvited = 366 * 24 * time.Hour
)

// Invite makes a link for most people, which holds for some time.
func (s *Service) Invite(ctx context.Context, by acts.By, label string, most int, life time.Duration) (Invite, error) {
	if most < 1 || most > mostInvited || life <= 0 || life > longestInvited {
		return Invite{}, fault.New(fault.Invalid, "An invitation is for 1 to 1,000 people, and holds for a year at most.")
	}
	now := s.now().UTC()
	i := Invite{ID: storage.NewID(now), Label: text.OneLine(label), Most: most, CreatedAt: now, ExpiresAt: now.Add(life)}
	return s.linked(i), s.db.Write(ctx, func(tx storage.Tx) error {
		if err := insertInvitation(ctx, tx, i); err != nil {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.MakeInvitation, By: by, About: strconv.FormatInt(i.ID, 10), Words: strconv.Itoa(most)})
	})
}

// Invitations gives those that there are, the latest first.
func (s *Service) Invitations(ctx context.Context) ([]Invite, error) {
	all, err := invitations(ctx, s.db)
	for i, one := range all {
		all[i] = s.linked(one)
	}
	return all, err
}

// EndInvitation lets nobody in by it any more.
func (s *Service) EndInvitation(ctx context.Context, by acts.By, id int64) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		changed, err := endInvitation(ctx, tx, id, s.now())
		if err != nil || !changed {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.EndInvitation, By: by, About: strconv.FormatInt(id, 10)})
	})
}

func (s *Service) linked(i Invite) Invite {
	i.Link = s.iris.Origin + "/sign-up?invitation=" + s.ticket(toSignUp, i.ID)
	return i
}

// invited reads a ticket to sign up: 0 for none at all.
func (s *Service) invited(ticket string) (int64, error) {
	if ticket == "" {
		return 0, nil
	}
	return s.readTicket(toSignUp, ticket)
}

// MayInvited says whether an invitation still lets in.
func (s *Service) MayInvited(ctx context.Context, ticket string) (bool, error) {
	id, err := s.invited(ticket)
	if fault.Is(err, fault.NotFound) || id == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	i, err := invitationByID(ctx, s.db, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return !i.Ended(s.now()), err
}
