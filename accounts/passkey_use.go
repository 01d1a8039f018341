package accounts

import (
	"context"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// keyLimits bound the work that wrong answers make; nobody guesses them.
func keyLimits(address string) []limit { return []limit{{"passkey " + address, 50, time.Hour}} }

// AskPasskey asks the device of who is half signed in; a zero Challenge is of who has no passkey.
func (s *Service) AskPasskey(ctx context.Context, m Member) (Challenge, error) {
	who, err := s.holder(ctx, m)
	if err != nil || len(who.keys) == 0 || !s.named() {
		return Challenge{}, err
	}
	ring, err := s.keyring()
	if err != nil {
		return Challenge{}, err
	}
	assertion, session, err := ring.BeginLogin(who, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return Challenge{}, err
	}
	return s.pose(assertion.Response, session, toPass(m.ID))
}

// PassByPasskey signs in who is half signed in and shows a passkey.
func (s *Service) PassByPasskey(ctx context.Context, half int64, a Answered, v Visitor) (Member, int64, error) {
	m, err := s.ByHalf(ctx, half)
	if err != nil {
		return m, 0, err
	}
	signed, err := s.read(ctx, a, toPass(m.ID), v)
	if err != nil {
		return m, 0, err
	}
	who, err := s.holder(ctx, m)
	if err != nil {
		return m, 0, err
	}
	ring, err := s.keyring()
	if err != nil {
		return m, 0, err
	}
	record, err := ring.ValidateLogin(who, signed.session, signed.answer)
	if err != nil {
		return m, 0, errAnswer
	}
	begun := s.newSession(v)
	return m, begun.ID, s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.useKey(ctx, tx, m.ID, signed.session, record); err != nil {
			return err
		}
		return s.finish(ctx, tx, half, m.ID, begun)
	})
}

// AskAnybody asks the device of whoever it is, which has to know its owner: that is password and
// code in one.
//
// A zero Challenge is of a server whose address is in numbers: browsers keep passkeys for names.
func (s *Service) AskAnybody() (Challenge, error) {
	if !s.named() {
		return Challenge{}, nil
	}
	ring, err := s.keyring()
	if err != nil {
		return Challenge{}, err
	}
	assertion, session, err := ring.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, err
	}
	return s.pose(assertion.Response, session, toEnter)
}

// EnterByPasskey signs in whose passkey answers.
func (s *Service) EnterByPasskey(ctx context.Context, a Answered, v Visitor) (m Member, session int64, err error) {
	signed, err := s.read(ctx, a, toEnter, v)
	if err != nil {
		return m, 0, err
	}
	ring, err := s.keyring()
	if err != nil {
		return m, 0, err
	}
	var trouble error // of ours, which the library would hide
	record, err := ring.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		if m, trouble = s.ByID(ctx, holderID(handle)); trouble != nil {
			return nil, trouble
		}
		var who holder
		who, trouble = s.holder(ctx, m)
		return who, trouble
	}, signed.session, signed.answer)
	switch {
	case trouble != nil && !fault.Is(trouble, fault.NotFound):
		return Member{}, 0, trouble
	case err != nil:
		return Member{}, 0, errAnswer
	}
	if err := s.Admitted(ctx, m.ID); err != nil {
		return Member{}, 0, err
	}
	begun := s.newSession(v)
	return m, begun.ID, s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.useKey(ctx, tx, m.ID, signed.session, record); err != nil {
			return err
		}
		return insertSignIn(ctx, tx, m.ID, begun)
	})
}

// signature is an answer with the challenge that it is to.
type signature struct {
	session webauthn.SessionData
	answer  *protocol.ParsedCredentialAssertionData
}

func (s *Service) read(ctx context.Context, a Answered, purpose string, v Visitor) (signature, error) {
	if err := s.count(ctx, keyLimits(v.Address)); err != nil {
		return signature{}, err
	}
	session, err := s.asked(a.Sealed, purpose)
	if err != nil {
		return signature{}, err
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes([]byte(a.Answer))
	if err != nil {
		return signature{}, errAnswer
	}
	return signature{session, answer}, nil
}

// useKey notes that a passkey answered, once for each challenge. One that counts backwards was
// copied, and is taken no more.
func (s *Service) useKey(ctx context.Context, tx storage.Tx, who actors.ID, session webauthn.SessionData, record *webauthn.Credential) error {
	if record.Authenticator.CloneWarning {
		return errAnswer
	}
	if err := s.once(ctx, tx, session); err != nil {
		return err
	}
	there, err := updatePasskey(ctx, tx, who, *record, s.now())
	if err == nil && !there {
		err = errAnswer // it was ended meanwhile
	}
	return err
}
