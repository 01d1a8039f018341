package accounts

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// mostPasskeys bounds those of a member.
const mostPasskeys = 20

// Passkey is a key of a device of a member, which stands for a code.
type Passkey struct {
	ID     int64
	Name   string
	MadeAt time.Time
	UsedAt *time.Time // nil: never
}

// passkey is one with what it is compared with.
type passkey struct {
	Passkey
	Record webauthn.Credential
}

// NewKey is a passkey that a member adds.
type NewKey struct {
	Name string
	Answered
}

func toAdd(who actors.ID) string  { return fmt.Sprintf("passkey to be added by %d", who) }
func toPass(who actors.ID) string { return fmt.Sprintf("passkey to be shown by %d", who) }

const toEnter = "passkey to be shown by somebody"

// Passkeys gives those of a member, the oldest first.
func (s *Service) Passkeys(ctx context.Context, id actors.ID) ([]Passkey, error) {
	keys, err := passkeysOf(ctx, s.db, id)
	all := make([]Passkey, len(keys))
	for i, k := range keys {
		all[i] = k.Passkey
	}
	return all, err
}

// OfferPasskey asks a member, whose codes are on, for the password and a code, and then their
// device for a key.
func (s *Service) OfferPasskey(ctx context.Context, m Member, c Credentials) (Challenge, error) {
	has, err := hasFactor(ctx, s.db, m.ID)
	if err != nil {
		return Challenge{}, err
	}
	if !has {
		return Challenge{}, fault.New(fault.NotFound, noFactor)
	}
	if err := s.CheckCredentials(ctx, m, c); err != nil {
		return Challenge{}, err
	}
	who, err := s.holder(ctx, m)
	if err != nil {
		return Challenge{}, err
	}
	ring, err := s.keyring()
	if err != nil {
		return Challenge{}, err
	}
	creation, session, err := ring.BeginRegistration(who, webauthn.WithExclusions(webauthn.Credentials(who.WebAuthnCredentials()).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred}))
	if err != nil {
		return Challenge{}, fmt.Errorf("offer a passkey: %w", err)
	}
	return s.pose(creation.Response, session, toAdd(m.ID))
}

func (s *Service) holder(ctx context.Context, m Member) (holder, error) {
	keys, err := passkeysOf(ctx, s.db, m.ID)
	return holder{m, keys}, err
}

// AddPasskey keeps the key that a device answered with.
func (s *Service) AddPasskey(ctx context.Context, m Member, n NewKey) error {
	n.Name = strings.TrimSpace(n.Name)
	if n.Name == "" || utf8.RuneCountInString(n.Name) > longestTitle {
		return fault.New(fault.Invalid, "Give the passkey a name of at most 100 characters.")
	}
	session, err := s.asked(n.Sealed, toAdd(m.ID))
	if err != nil {
		return err
	}
	record, err := s.registered(ctx, m, session, n.Answer)
	if err != nil {
		return err
	}
	now := s.now()
	k := passkey{Passkey{ID: storage.NewID(now), Name: n.Name, MadeAt: now}, record}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if _, err := lockFactor(ctx, tx, m.ID); err != nil {
			return err
		}
		if err := s.once(ctx, tx, session); err != nil {
			return err
		}
		if err := insertPasskey(ctx, tx, m.ID, k); err != nil {
			return err
		}
		return s.noteFactor(ctx, tx, m.ID, AddedPasskey)
	})
	s.pokeMail()
	return err
}

func (s *Service) registered(ctx context.Context, m Member, session webauthn.SessionData, answer string) (webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
	if err != nil {
		return webauthn.Credential{}, errAnswer
	}
	who, err := s.holder(ctx, m)
	if err != nil {
		return webauthn.Credential{}, err
	}
	if len(who.keys) >= mostPasskeys {
		return webauthn.Credential{}, fault.New(fault.Invalid, "You have as many passkeys as there may be.")
	}
	ring, err := s.keyring()
	if err != nil {
		return webauthn.Credential{}, err
	}
	record, err := ring.CreateCredential(who, session, parsed)
	if err != nil {
		return webauthn.Credential{}, errAnswer
	}
	record.Attestation = webauthn.CredentialAttestation{} // which device made it is nothing to us
	return *record, nil
}

// EndPasskey ends one of a member.
func (s *Service) EndPasskey(ctx context.Context, m Member, id int64) error {
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		there, err := deletePasskey(ctx, tx, m.ID, id)
		if err != nil || !there {
			return err
		}
		return s.noteFactor(ctx, tx, m.ID, EndedPasskey)
	})
	s.pokeMail()
	return err
}
