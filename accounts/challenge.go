package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

const challengeFor = 10 * time.Minute

// Challenge is what a device has to sign. It is kept by the page that shows it, sealed.
type Challenge struct {
	Options string // for the browser, in JSON
	Sealed  string // it, which comes back with the answer
}

// Answered is a challenge with what a device signed.
type Answered struct {
	Sealed string // of the Challenge
	Answer string // of the browser, in JSON
}

var errAnswer = fault.New(fault.Unauthenticated, "This passkey was not accepted: try again.")

// posed is what stands in a sealed challenge.
type posed struct {
	At      time.Time            `json:"at"`
	Session webauthn.SessionData `json:"session"`
}

// keyring does what the library has to know of this server; each use has its own, since it is
// nothing but settings.
func (s *Service) keyring() (*webauthn.WebAuthn, error) {
	at, err := url.Parse(s.iris.Origin)
	if err != nil {
		return nil, err
	}
	w, err := webauthn.New(&webauthn.Config{RPID: at.Hostname(), RPDisplayName: s.iris.Host(), RPOrigins: []string{s.iris.Origin},
		AttestationPreference:             protocol.PreferNoAttestation,
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore}) // we ask for none, and read none
	if err != nil {
		return nil, fmt.Errorf("set up passkeys: %w", err)
	}
	return w, nil
}

func (s *Service) named() bool {
	at, err := url.Parse(s.iris.Origin)
	if err != nil {
		return false
	}
	_, err = netip.ParseAddr(at.Hostname())
	return err != nil
}

// pose seals a challenge for a purpose.
func (s *Service) pose(options any, session *webauthn.SessionData, purpose string) (Challenge, error) {
	shown, err := json.Marshal(options)
	if err != nil {
		return Challenge{}, err
	}
	text, err := json.Marshal(posed{At: s.now(), Session: *session})
	if err != nil {
		return Challenge{}, err
	}
	sealed, err := s.dir.Seal(text, purpose)
	return Challenge{Options: string(shown), Sealed: base64.RawURLEncoding.EncodeToString(sealed)}, err
}

// asked gives the challenge that was sealed for a purpose, lately.
func (s *Service) asked(sealed, purpose string) (webauthn.SessionData, error) {
	box, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return webauthn.SessionData{}, errAnswer
	}
	text, err := s.dir.Open(box, purpose)
	if err != nil {
		return webauthn.SessionData{}, errAnswer
	}
	var p posed
	if err := json.Unmarshal(text, &p); err != nil {
		return webauthn.SessionData{}, err
	}
	if s.now().Sub(p.At) > challengeFor {
		return webauthn.SessionData{}, fault.New(fault.Unauthenticated, "This took too long: try again.")
	}
	return p.Session, nil
}

// once notes that a challenge was answered, unless it was already.
func (s *Service) once(ctx context.Context, tx storage.Tx, session webauthn.SessionData) error {
	sum := sha256.Sum256([]byte(session.Challenge))
	first, err := insertAnswered(ctx, tx, sum[:], s.now())
	if err == nil && !first {
		err = errAnswer
	}
	return err
}

// holder is a member as the library sees it.
type holder struct {
	Member
	keys []passkey
}

// WebAuthnID is what a device keeps of whose a passkey is.
func (h holder) WebAuthnID() []byte { return binary.BigEndian.AppendUint64(nil, uint64(h.ID)) }

// WebAuthnName is what a device shows of it.
func (h holder) WebAuthnName() string { return h.Name }

// WebAuthnDisplayName likewise.
func (h holder) WebAuthnDisplayName() string { return h.Name }

// WebAuthnCredentials are the passkeys.
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		all[i] = k.Record
	}
	return all
}

func holderID(handle []byte) actors.ID {
	if len(handle) != 8 {
		return 0
	}
	return actors.ID(binary.BigEndian.Uint64(handle))
}
