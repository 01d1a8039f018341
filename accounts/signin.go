package accounts

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/actors"
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
// long in every case.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (Member, error) {
	login = strings.ToLower(strings.TrimSpace(login))
	if len(login) > longestEmail || utf8.RuneCountInString(password) > longestPassword {
		return Member{}, wrong()
	}
	if err := s.checkLimits(ctx, login, address); err != nil {
		return Member{}, err
	}
	// Once more when it is this one's turn: of those who came at the same time,
	// some have failed meanwhile.
	if err := s.takeSlot(ctx); err != nil {
		return Member{}, err
	}
	defer s.freeSlot()
	if err := s.checkLimits(ctx, login, address); err != nil {
		return Member{}, err
	}
	m, hash, err := memberByLogin(ctx, s.db, login)
	unknown := fault.Is(err, fault.NotFound)
	if err != nil && !unknown {
		return Member{}, err
	}
	if unknown {
		hash = nobodysHash
	}
	fits, err := comparePassword(password, hash)
	if err != nil {
		return Member{}, err
	}
	if !fits || unknown {
		if err := insertFailures(ctx, s.db, s.now(), "login "+login, "address "+address); err != nil {
			return Member{}, err
		}
		return Member{}, wrong()
	}
	if err := s.Admitted(ctx, m.ID); err != nil {
		return Member{}, err
	}
	return m, deleteFailures(ctx, s.db, "login "+login, s.now().Add(-failuresWithin))
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

// SetPassword changes a password. What was issued under the old one ends.
func (s *Service) SetPassword(ctx context.Context, id actors.ID, password string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	hash, err := s.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := updatePassword(ctx, tx, id, hash); err != nil {
			return err
		}
		return deleteTokens(ctx, tx, id)
	})
}
