package accounts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// halfFor is how long who showed the password has to show a code.
const halfFor = 10 * time.Minute

var errHalf = fault.New(fault.Unauthenticated, "This took too long: begin again with the password.")

func (s *Service) beginHalf(ctx context.Context, id actors.ID) (Entry, error) {
	now := s.now()
	e := Entry{Half: storage.NewID(now)}
	return e, insertHalf(ctx, s.db, e.Half, id, now)
}

// ByHalf finds who is half signed in: no more may be done for them than to ask for a code.
func (s *Service) ByHalf(ctx context.Context, half int64) (Member, error) {
	id, err := memberByHalf(ctx, s.db, half, s.now().Add(-halfFor))
	if fault.Is(err, fault.NotFound) {
		return Member{}, errHalf
	}
	if err != nil {
		return Member{}, err
	}
	m, err := s.ByID(ctx, id)
	if err != nil {
		return m, err
	}
	return m, s.Admitted(ctx, id)
}

// Pass signs in who is half signed in and shows a code, of which each holds once.
func (s *Service) Pass(ctx context.Context, half int64, code string, v Visitor) (Member, int64, error) {
	m, err := s.ByHalf(ctx, half)
	if err != nil {
		return m, 0, err
	}
	session := s.newSession(v)
	err = s.tryCode(ctx, m.ID, Credentials{Code: code, Address: v.Address}, func(tx storage.Tx) error {
		return s.finish(ctx, tx, half, m.ID, session)
	})
	s.pokeMail()
	return m, session.ID, err
}

// finish makes a session of half of one, which only one can do.
func (s *Service) finish(ctx context.Context, tx storage.Tx, half int64, id actors.ID, session Session) error {
	there, err := deleteHalf(ctx, tx, half)
	if err == nil && !there {
		err = errHalf
	}
	if err != nil {
		return err
	}
	return insertSignIn(ctx, tx, id, session)
}
