package accounts

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
)

// Asked is what somebody says who wants an account.
type Asked struct {
	New
	Words      string // to whoever decides
	Invitation string // the ticket of a link, "" for none
	Address    string // of the visitor
}

// signUp is somebody who is nobody yet.
type signUp struct {
	ID                           int64
	Name, Email, Title, Language string
	Password, Words              string
	Invitation                   *int64
	CreatedAt                    time.Time
	ConfirmedAt, DeclinedAt      *time.Time
	Answer                       string
}

const (
	unconfirmedFor = 7 * 24 * time.Hour  // then the name is free again: nobody ever saw it
	unansweredFor  = 90 * 24 * time.Hour // what was said to administrators is not kept for ever
	declinedFor    = 24 * time.Hour      // so that the mail leaves
	longestWords   = 2000
)

// The mails about it.
const (
	confirmMail  = "confirm"
	waitingMail  = "waiting"
	acceptedMail = "accepted"
	declinedMail = "declined"
)

// SignUp notes that somebody wants an account, and has a link sent to the address. The answer,
// and what is done, is the same whether or not the address has an account: which mail leaves
// is found out when it does.
func (s *Service) SignUp(ctx context.Context, a Asked) error {
	invitation, err := s.mayAsk(ctx, a)
	if err != nil {
		return err
	}
	a.Admin = false
	n, err := a.check()
	if err != nil {
		return err
	}
	a.Words = strings.TrimSpace(a.Words)
	if utf8.RuneCountInString(a.Words) > longestWords {
		return fault.New(fault.Invalid, "What you write to those who decide may have 2,000 characters.")
	}
	if err := s.count(ctx, signUpLimits(a.Address, n.Email)); err != nil {
		return err
	}
	hash, err := s.hashPassword(ctx, n.Password)
	if err != nil {
		return err
	}
	now := s.now()
	who := signUp{ID: storage.NewID(now), Name: n.Name, Email: n.Email, Title: n.Title, Language: n.Language,
		Password: hash, Words: a.Words, CreatedAt: now}
	if invitation != 0 {
		who.Invitation = &invitation
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.dir.NameFree(ctx, tx, who.Name); err != nil {
			return err
		}
		if err := useInvitation(ctx, tx, invitation, now); err != nil {
			return err
		}
		if err := insertSignUp(ctx, tx, who); err != nil {
			return err
		}
		return s.mail(ctx, tx, confirmMail, who.ID)
	})
	s.pokeMail()
	return err
}

// mayAsk says by which invitation somebody may ask, 0 for none.
func (s *Service) mayAsk(ctx context.Context, a Asked) (invitation int64, err error) {
	mode, err := s.SignUpMode(ctx)
	if err != nil {
		return 0, err
	}
	if invitation, err = s.invited(a.Invitation); err != nil {
		return 0, err
	}
	if mode == Closed || mode == Invitation && invitation == 0 {
		return 0, fault.New(fault.Forbidden, "Nobody can sign up here by themselves now.")
	}
	return invitation, nil
}

// Confirm takes the ticket that was sent to an address, and the password that was chosen: who
// owns the address but did not ask does not know it. It gives the member, or waiting while an
// administrator has to agree.
func (s *Service) Confirm(ctx context.Context, ticket, password, address string) (m Member, waiting bool, err error) {
	id, err := s.readTicket(toConfirm, ticket)
	if err != nil {
		return m, false, err
	}
	who, err := signUpByID(ctx, s.db, id)
	if err != nil {
		return m, false, err
	}
	if err := s.match(ctx, claim{login: "sign-up " + strconv.FormatInt(id, 10), password: password, address: address, hash: who.Password}); err != nil {
		return m, false, err
	}
	mode, err := s.SignUpMode(ctx)
	if err != nil {
		return m, false, err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if who, err = lockSignUp(ctx, tx, id); err != nil {
			return err
		}
		if waiting = mode != Open && who.Invitation == nil; waiting {
			return s.wait(ctx, tx, who)
		}
		m, err = s.admit(ctx, tx, who)
		return err
	})
	s.pokeMail()
	return m, waiting, err
}

// Awaits gives the name that a ticket is to confirm.
func (s *Service) Awaits(ctx context.Context, ticket string) (name string, err error) {
	id, err := s.readTicket(toConfirm, ticket)
	if err != nil {
		return "", err
	}
	who, err := signUpByID(ctx, s.db, id)
	return who.Name, err
}

// wait has administrators told, the first time.
func (s *Service) wait(ctx context.Context, tx storage.Tx, who signUp) error {
	if who.ConfirmedAt != nil {
		return nil
	}
	if err := confirmSignUp(ctx, tx, who.ID, s.now()); err != nil {
		return err
	}
	admins, err := administrators(ctx, tx)
	if err != nil {
		return err
	}
	for _, a := range admins {
		if err := s.mailAbout(ctx, tx, waitingMail, strconv.FormatInt(who.ID, 10)+" "+strconv.FormatInt(int64(a), 10)); err != nil {
			return err
		}
	}
	return nil
}

// admit makes somebody a member, whom all may see from now on.
func (s *Service) admit(ctx context.Context, tx storage.Tx, who signUp) (Member, error) {
	if err := deleteSignUp(ctx, tx, who.ID); err != nil {
		return Member{}, err
	}
	return s.create(ctx, tx, New{Name: who.Name, Email: who.Email, Title: who.Title, Language: who.Language}, who.Password)
}

// Waiting is somebody who waits for an administrator's answer.
type Waiting struct {
	ID                        int64
	Name, Title, Email, Words string
	ConfirmedAt               time.Time
	Like                      []actors.Actor `db:"-"` // administrators for whom they may be taken
}

// Waiting gives who waits, the first to come first.
func (s *Service) Waiting(ctx context.Context) ([]Waiting, error) {
	list, err := waiting(ctx, s.db)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return s.resembling(ctx, list)
}

// Accept makes a member of somebody who waits.
func (s *Service) Accept(ctx context.Context, by acts.By, id int64) (m Member, err error) {
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		who, err := lockSignUp(ctx, tx, id)
		if err != nil {
			return err
		}
		if who.ConfirmedAt == nil {
			return storage.NotFound(errNoRows, noSignUp)
		}
		if m, err = s.admit(ctx, tx, who); err != nil {
			return err
		}
		if err := s.record(ctx, tx, acts.Act{Kind: acts.AcceptSignUp, By: by, Target: m.ID}); err != nil {
			return err
		}
		return s.mail(ctx, tx, acceptedMail, int64(m.ID))
	})
	s.pokeMail()
	return m, err
}

// Decline tells somebody who waits no, with a word that may be empty. Who they are is kept nowhere.
func (s *Service) Decline(ctx context.Context, by acts.By, id int64, word string) error {
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		who, err := lockSignUp(ctx, tx, id)
		if err != nil {
			return err
		}
		if who.ConfirmedAt == nil {
			return storage.NotFound(errNoRows, noSignUp)
		}
		if err := declineSignUp(ctx, tx, id, strings.TrimSpace(word), s.now()); err != nil {
			return err
		}
		if err := s.record(ctx, tx, acts.Act{Kind: acts.DeclineSignUp, By: by, About: strconv.FormatInt(id, 10)}); err != nil {
			return err
		}
		return s.mail(ctx, tx, declinedMail, id)
	})
	s.pokeMail()
	return err
}

// sweepSignUps lets go who did not confirm, who was declined, and whom nobody answered.
func (s *Service) sweepSignUps(ctx context.Context, now time.Time) error {
	return deleteSignUps(ctx, s.db, now.Add(-unconfirmedFor), now.Add(-unansweredFor), now.Add(-declinedFor))
}

// create makes a member and its Person.
func (s *Service) create(ctx context.Context, tx storage.Tx, n New, hash string) (Member, error) {
	a, err := s.dir.CreateLocal(ctx, tx, actors.NewLocal{Kind: actors.Person, Name: n.Name, Title: n.Title})
	if err != nil {
		return Member{}, err
	}
	m := Member{ID: a.ID, Name: a.Name, Title: a.Title, Email: n.Email, Language: n.Language, Admin: n.Admin,
		CreatedAt: s.now().UTC()}
	return m, insertMember(ctx, tx, m, hash)
}
