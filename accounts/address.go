package accounts

import (
	"context"
	"strconv"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/storage"
)

const (
	addressFor  = 24 * time.Hour // a link to a new address is good
	addressMail = "address"
	movedMail   = "moved"
)

// addressChange is that a member would have their mails elsewhere.
type addressChange struct {
	ID         int64
	Member     actors.ID
	Email, Was string
	CreatedAt  time.Time
	UsedAt     *time.Time
}

// NewAddress is what a member says who would have another e-mail address.
type NewAddress struct {
	Email string
	Credentials
}

// AskAddress has a link sent to the new address of a member who proves to be it: until it
// is opened nothing changes. It tells nothing of whether somebody else has that address.
func (s *Service) AskAddress(ctx context.Context, m Member, n NewAddress) error {
	n.Email = strings.TrimSpace(n.Email)
	if err := checkEmail(n.Email); err != nil {
		return err
	}
	if strings.EqualFold(n.Email, m.Email) {
		return fault.New(fault.Invalid, "This is your address already.")
	}
	if err := s.CheckCredentials(ctx, m, n.Credentials); err != nil {
		return err
	}
	if err := s.count(ctx, addressLimits(m.ID, n.Email)); err != nil {
		return err
	}
	now := s.now()
	c := addressChange{ID: storage.NewID(now), Member: m.ID, Email: n.Email, Was: m.Email, CreatedAt: now}
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if err := insertAddressChange(ctx, tx, c); err != nil {
			return err
		}
		return s.mail(ctx, tx, addressMail, c.ID)
	})
	s.pokeMail()
	return err
}

// addressMail asks to confirm the new address, or tells whose it is that it has an account.
func (s *Service) addressMail(ctx context.Context, id string) (notifications.Mail, error) {
	c, m, err := s.addressChange(ctx, id)
	if err != nil {
		return notifications.Mail{}, err
	}
	if c.UsedAt != nil || c.CreatedAt.Before(s.now().Add(-addressFor)) {
		return notifications.Mail{}, notifications.ErrSettled
	}
	other, err := memberByEmail(ctx, s.db, c.Email)
	if err == nil {
		return notifications.Mail{To: other.Email, Language: other.Language, Text: "known", Values: map[string]any{"Name": other.Name}}, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return notifications.Mail{}, err
	}
	return notifications.Mail{To: c.Email, Language: m.Language, Text: addressMail, Values: map[string]any{
		"Name": m.Name, "Link": s.iris.Origin + "/address/" + s.ticket(toAddress, c.ID)}}, nil
}

// movedMail tells the address of before.
func (s *Service) movedMail(ctx context.Context, id string) (notifications.Mail, error) {
	c, m, err := s.addressChange(ctx, id)
	return notifications.Mail{To: c.Was, Language: m.Language, Text: movedMail, Values: map[string]any{"Name": m.Name}}, err
}

func (s *Service) addressChange(ctx context.Context, id string) (c addressChange, m Member, err error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return c, m, err
	}
	if c, err = addressChangeByID(ctx, s.db, number); err != nil {
		return c, m, settled(err)
	}
	m, err = s.ByID(ctx, c.Member)
	return c, m, settled(err)
}

// Moves gives who has which new address once a ticket is used.
func (s *Service) Moves(ctx context.Context, ticket string) (m Member, email string, err error) {
	id, err := s.readTicket(toAddress, ticket)
	if err != nil {
		return m, "", err
	}
	c, err := s.openChange(ctx, s.db, id)
	if err != nil {
		return m, "", err
	}
	m, err = s.ByID(ctx, c.Member)
	return m, c.Email, err
}

// openChange gives one that was not used, and is not too old.
func (s *Service) openChange(ctx context.Context, q storage.Querier, id int64) (addressChange, error) {
	c, err := addressChangeByID(ctx, q, id)
	if err == nil && (c.UsedAt != nil || !c.CreatedAt.After(s.now().Add(-addressFor))) {
		err = fault.New(fault.NotFound, noLink)
	}
	return c, err
}

// Move gives a member the address to which a ticket was sent, and tells the one of before. What
// was asked for a new password by that one ends, and so do other tickets of the member.
func (s *Service) Move(ctx context.Context, ticket string) error {
	id, err := s.readTicket(toAddress, ticket)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := lockAddressChange(ctx, tx, id); err != nil {
			return err
		}
		c, err := s.openChange(ctx, tx, id)
		if err != nil {
			return err
		}
		err = s.move(ctx, tx, c)
		if fault.Is(err, fault.Conflict) {
			err = fault.New(fault.NotFound, noLink) // somebody took the address meanwhile
		}
		return err
	})
	s.pokeMail()
	return err
}

func (s *Service) move(ctx context.Context, tx storage.Tx, c addressChange) error {
	if err := useResets(ctx, tx, c.Member, s.now()); err != nil {
		return err
	}
	if err := updateEmail(ctx, tx, c); err != nil {
		return err
	}
	if err := useAddressChanges(ctx, tx, c.Member, s.now()); err != nil {
		return err
	}
	return s.mail(ctx, tx, movedMail, c.ID)
}

// SetAddress gives a member another address without asking there.
func (s *Service) SetAddress(ctx context.Context, by acts.By, m Member, email string) error {
	email = strings.TrimSpace(email)
	if err := checkEmail(email); err != nil {
		return err
	}
	now := s.now()
	c := addressChange{ID: storage.NewID(now), Member: m.ID, Email: email, Was: m.Email, CreatedAt: now}
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if err := insertAddressChange(ctx, tx, c); err != nil {
			return err
		}
		if err := s.move(ctx, tx, c); err != nil {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.SetAddress, By: by, Target: m.ID})
	})
	s.pokeMail()
	return err
}
