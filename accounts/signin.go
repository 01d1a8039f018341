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
	c := claim{login: login, password: password, address: address, hash: hash, other: who.Password}
	switch err = s.match(ctx, c); {
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

// Credentials is what a member shows once more before what opens or ends much.
type Credentials struct {
	Password string
	Code     string // of the second factor, or a recovery code: asked of who has one
	Address  string // of the visitor
}

// CheckCredentials asks a member for the password once more, and for a code if they have a second factor.
// A code that was shown is used up.
func (s *Service) CheckCredentials(ctx context.Context, m Member, p Credentials) error {
	_, hash, err := memberByLogin(ctx, s.db, m.Name)
	if err != nil {
		return err
	}
	err = s.match(ctx, claim{login: m.Name, password: p.Password, address: p.Address, hash: hash})
	if fault.Is(err, fault.Unauthenticated) {
		return fault.New(fault.Invalid, "This is not your password.")
	}
	if err != nil {
		return err
	}
	err = s.showCode(ctx, m.ID, p)
	if fault.Is(err, fault.Unauthenticated) {
		err = fault.New(fault.Invalid, fault.Message(err))
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

// claim is a password that is said to fit.
type claim struct {
	login, password, address string
	hash                     string // that it has to fit
	other                    string // that it may fit instead: then errOther is the answer; may be empty
}

var errOther = errors.New("the password fits the other hash")

// match compares, and counts the failures by login and by address. It takes as long
// whether or not there is another hash.
func (s *Service) match(ctx context.Context, c claim) error {
	if utf8.RuneCountInString(c.password) > longestPassword {
		return wrong()
	}
	if err := s.checkLimits(ctx, c.login, c.address); err != nil {
		return err
	}
	// Once more when it is this one's turn: of those who came at the same time,
	// some have failed meanwhile.
	if err := s.takeSlot(ctx); err != nil {
		return err
	}
	defer s.freeSlot()
	if err := s.checkLimits(ctx, c.login, c.address); err != nil {
		return err
	}
	fits, err := comparePassword(c.password, c.hash)
	if err != nil {
		return err
	}
	if fits {
		return deleteFailures(ctx, s.db, "login "+c.login, s.now().Add(-failuresWithin))
	}
	if c.other == "" {
		c.other = nobodysHash
	}
	if fits, err = comparePassword(c.password, c.other); err != nil {
		return err
	}
	if fits {
		return errOther
	}
	return cmp.Or(insertFailures(ctx, s.db, s.now(), "login "+c.login, "address "+c.address), wrong())
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
