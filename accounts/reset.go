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
	resetFor    = time.Hour
	resetMail   = "reset"
	changedMail = "changed"
)

// reset is that somebody asked for a new password for whoever has an address.
type reset struct {
	ID        int64
	Email     string
	CreatedAt time.Time
	UsedAt    *time.Time
}

// AskReset has a link to choose a new password sent to an address, if it has an account. What
// is done meanwhile is the same for each address.
func (s *Service) AskReset(ctx context.Context, email, address string) error {
	email = strings.TrimSpace(email)
	if err := checkEmail(email); err != nil {
		return err
	}
	if err := s.count(ctx, resetLimits(address, email)); err != nil {
		return err
	}
	now := s.now()
	r := reset{ID: storage.NewID(now), Email: email, CreatedAt: now}
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if err := insertReset(ctx, tx, r); err != nil {
			return err
		}
		return s.mail(ctx, tx, resetMail, r.ID)
	})
	s.pokeMail()
	return err
}

func (s *Service) resetMail(ctx context.Context, id string) (notifications.Mail, error) {
	number, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return notifications.Mail{}, err
	}
	r, err := resetByID(ctx, s.db, number, s.now().Add(-resetFor))
	if err != nil {
		return notifications.Mail{}, settled(err)
	}
	m, err := memberByEmail(ctx, s.db, r.Email)
	return notifications.Mail{To: m.Email, Language: m.Language, Text: resetMail, Values: map[string]any{
		"Name": m.Name, "Link": s.iris.Origin + "/reset/" + s.ticket(toReset, r.ID)}}, settled(err)
}

// Resets gives who chooses a new password by a ticket.
func (s *Service) Resets(ctx context.Context, ticket string) (Member, error) {
	id, err := s.readTicket(toReset, ticket)
	if err != nil {
		return Member{}, err
	}
	return s.resets(ctx, s.db, id)
}

func (s *Service) resets(ctx context.Context, q storage.Querier, id int64) (Member, error) {
	r, err := resetByID(ctx, q, id, s.now().Add(-resetFor))
	if err != nil {
		return Member{}, err
	}
	m, err := memberByEmail(ctx, q, r.Email)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, noLink)
	}
	return m, err
}

// Reset sets the password of who holds a ticket. What was open under the old one ends, and so
// do all other tickets of the same address.
func (s *Service) Reset(ctx context.Context, ticket, password string) (m Member, err error) {
	id, err := s.readTicket(toReset, ticket)
	if err != nil {
		return m, err
	}
	hash, err := s.newPassword(ctx, password)
	if err != nil {
		return m, err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := lockReset(ctx, tx, id); err != nil {
			return err
		}
		if m, err = s.resets(ctx, tx, id); err != nil {
			return err
		}
		return s.changePassword(ctx, tx, m.ID, hash, 0)
	})
	s.pokeMail()
	return m, err
}

// SetPassword changes a password without asking for the old one. What was open under it ends.
func (s *Service) SetPassword(ctx context.Context, by acts.By, id actors.ID, password string) error {
	hash, err := s.newPassword(ctx, password)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.changePassword(ctx, tx, id, hash, 0); err != nil {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.SetPassword, By: by, Target: id})
	})
	s.pokeMail()
	return err
}

// Change is a change of password by a member who knows the old one.
type Change struct {
	Credentials        // with the old one
	New         string // password
	Session     int64  // in which it is done: it goes on; 0 for none
}

// ChangePassword changes it. What was open under the old one ends, but for the session in
// which this is done.
func (s *Service) ChangePassword(ctx context.Context, m Member, c Change) error {
	if err := checkPassword(c.New); err != nil {
		return err
	}
	if err := s.CheckCredentials(ctx, m, c.Credentials); err != nil {
		return err
	}
	hash, err := s.newPassword(ctx, c.New)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error { return s.changePassword(ctx, tx, m.ID, hash, c.Session) })
	s.pokeMail()
	return err
}

// changePassword is what each way to a new password ends in: tokens, sessions but one, and
// links that were sent.
func (s *Service) changePassword(ctx context.Context, tx storage.Tx, id actors.ID, hash string, session int64) error {
	if err := updatePassword(ctx, tx, id, hash); err != nil {
		return err
	}
	if err := s.endTokens(ctx, tx, id); err != nil {
		return err
	}
	if err := deleteSignIns(ctx, tx, id, session); err != nil {
		return err
	}
	if err := useResets(ctx, tx, id, s.now()); err != nil {
		return err
	}
	return s.mail(ctx, tx, changedMail, int64(id))
}

func (s *Service) newPassword(ctx context.Context, password string) (hash string, err error) {
	if err := checkPassword(password); err != nil {
		return "", err
	}
	return s.hashPassword(ctx, password)
}
