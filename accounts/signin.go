package accounts

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/fault"
	"passerelles/storage"
)

// Failed sign-ins are counted in PostgreSQL, so that processes share the limit.
const (
	failuresPerLogin   = 10
	failuresPerAddress = 50
	failuresWithin     = 15 * time.Minute
)

// SignIn lets a member in by e-mail or name, and password; address is the
// visitor's. Whoever may not come in is not told what was wrong, and waits as
// long in every case. Only who knows the password of a sign-up learns what it waits for.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (Member, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	if len(login) > longestEmail {
		return Member{}, wrong()
	}
	m, hash, err := memberByLogin(ctx, s.db, login)
	unknown := fault.Is(err, fault.NotFound)
	if err != nil && !unknown {
		return Member{}, err
	}
	if unknown {
		hash = nobodysHash
	}
	who, err := signUpByLogin(ctx, s.db, login)
	if err != nil {
		return Member{}, err
	}
	p := proof{login: login, password: password, address: address, hash: hash, other: who.Password}
	switch err = s.prove(ctx, p); {
	case errors.Is(err, errOther):
		return Member{}, s.notYet(ctx, who)
	case err != nil:
		return Member{}, err
	}
	if err := s.Admitted(ctx, m.ID); err != nil {
		return Member{}, err
	}
	return m, nil
}

// notYet tells who signed up what has to happen first, and has the link sent again.
func (s *Service) notYet(ctx context.Context, who signUp) error {
	if who.ConfirmedAt != nil {
		return fault.New(fault.Forbidden, "Your request waits for an answer, which will come by e-mail.")
	}
	if err := s.count(ctx, []limit{mailLimit(who.Email)}); fault.Is(err, fault.TooMany) {
		return fault.New(fault.Forbidden, "Confirm your e-mail address first: the link is in the message that we sent.")
	} else if err != nil {
		return err
	}
	if err := s.mailAgain(ctx, who.ID); err != nil {
		return err
	}
	return fault.New(fault.Forbidden, "Confirm your e-mail address first: we have sent you the link again.")
}

func (s *Service) mailAgain(ctx context.Context, id int64) error {
	err := s.db.Write(ctx, func(tx storage.Tx) error { return s.mail(ctx, tx, confirmMail, id) })
	s.pokeMail()
	return err
}

// CheckPassword asks a member for the password once more, before what cannot be undone.
func (s *Service) CheckPassword(ctx context.Context, m Member, password, address string) error {
	_, hash, err := memberByLogin(ctx, s.db, m.Name)
	if err != nil {
		return err
	}
	err = s.prove(ctx, proof{login: m.Name, password: password, address: address, hash: hash})
	if fault.Is(err, fault.Unauthenticated) {
		return fault.New(fault.Invalid, "This is not your password.")
	}
	return err
}

// HasPassword says whether a password is a member's, for who is no visitor: nothing is counted.
func (s *Service) HasPassword(ctx context.Context, m Member, password string) (bool, error) {
	_, hash, err := memberByLogin(ctx, s.db, m.Name)
	if err != nil {
		return false, err
	}
	if err := s.takeSlot(ctx); err != nil {
		return false, err
	}
	defer s.freeSlot()
	return comparePassword(password, hash)
}

// proof is a password that is said to fit.
type proof struct {
	login, password, address string
	hash                     string // that it has to fit
	other                    string // that it may fit instead: then errOther is the answer; may be empty
}

var errOther = errors.New("the password fits the other hash")

// prove compares, and counts the failures by login and by address. It takes as long
// whether or not there is another hash.
func (s *Service) prove(ctx context.Context, p proof) error {
	if utf8.RuneCountInString(p.password) > longestPassword {
		return wrong()
	}
	if err := s.checkLimits(ctx, p.login, p.address); err != nil {
		return err
	}
	// Once more when it is this one's turn: of those who came at the same time,
	// some have failed meanwhile.
	if err := s.takeSlot(ctx); err != nil {
		return err
	}
	defer s.freeSlot()
	if err := s.checkLimits(ctx, p.login, p.address); err != nil {
		return err
	}
	fits, err := comparePassword(p.password, p.hash)
	if err != nil {
		return err
	}
	if fits {
		return deleteFailures(ctx, s.db, "login "+p.login, s.now().Add(-failuresWithin))
	}
	if p.other == "" {
		p.other = nobodysHash
	}
	if fits, err = comparePassword(p.password, p.other); err != nil {
		return err
	}
	if fits {
		return errOther
	}
	return cmp.Or(insertFailures(ctx, s.db, s.now(), "login "+p.login, "address "+p.address), wrong())
}

func wrong() error {
	return fault.New(fault.Unauthenticated, "This name or address and this password do not go together.")
}

func (s *Service) checkLimits(ctx context.Context, login, address string) error {
	since := s.now().Add(-failuresWithin)
	for subject, limit := range map[string]int{"login " + login: failuresPerLogin, "address " + address: failuresPerAddress} {
		first, err := nthFailure(ctx, s.db, subject, since, limit)
		if err != nil {
			return err
		}
		if !first.IsZero() {
			return fault.Later(fault.TooMany, "There were too many tries: come back in a few minutes.",
				first.Add(failuresWithin).Sub(s.now()))
		}
	}
	return nil
}
