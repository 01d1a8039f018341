package accounts

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"image/png"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
)

// The second factor is a code of six digits that an app makes of a secret and the time
// (RFC 6238: SHA-1, 30 seconds, which is what each such app can do).

const (
	offerFor    = time.Hour
	pictureSide = 232 // pixels
)

// Offer is a secret for a second factor that is not turned on yet. Nothing of it is kept here.
type Offer struct {
	Secret  string // to be typed
	Address string // otpauth://…, for an app on the same device
	Picture []byte // PNG: a QR code of that address
	Sealed  string // it, for TurnOnFactor
}

// OfferFactor makes a secret for a member.
func (s *Service) OfferFactor(m Member) (Offer, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.iris.Host(), AccountName: m.Name})
	if err != nil {
		return Offer{}, fmt.Errorf("make a second factor: %w", err)
	}
	sealed, err := s.dir.Seal([]byte(strconv.FormatInt(s.now().Unix(), 10)+" "+key.Secret()), offerOf(m.ID))
	if err != nil {
		return Offer{}, err
	}
	return draw(key, base64.RawURLEncoding.EncodeToString(sealed))
}

// OfferAgain gives an offer to who had it already.
func (s *Service) OfferAgain(m Member, sealed string) (Offer, error) {
	secret, err := s.openOffer(m, sealed)
	if err != nil {
		return Offer{}, err
	}
	bytes, err := ticketLetters.DecodeString(secret)
	if err != nil {
		return Offer{}, fmt.Errorf("read an offer: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.iris.Host(), AccountName: m.Name, Secret: bytes})
	if err != nil {
		return Offer{}, fmt.Errorf("make a second factor again: %w", err)
	}
	return draw(key, sealed)
}

func draw(key *otp.Key, sealed string) (Offer, error) {
	drawn, err := key.Image(pictureSide, pictureSide)
	if err != nil {
		return Offer{}, fmt.Errorf("draw a second factor: %w", err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, drawn); err != nil {
		return Offer{}, fmt.Errorf("draw a second factor: %w", err)
	}
	return Offer{Secret: key.Secret(), Address: key.URL(), Picture: picture.Bytes(), Sealed: sealed}, nil
}

func offerOf(who actors.ID) string  { return fmt.Sprintf("offer of a second factor to %d", who) }
func factorOf(who actors.ID) string { return fmt.Sprintf("second factor of %d", who) }

// openOffer gives the secret of an offer that was made to a member, lately.
func (s *Service) openOffer(m Member, sealed string) (string, error) {
	stale := fault.New(fault.Invalid, "This page is too old: scan the new code.")
	box, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", stale
	}
	text, err := s.dir.Open(box, offerOf(m.ID))
	if err != nil {
		return "", stale
	}
	at, secret, _ := strings.Cut(string(text), " ")
	made, err := strconv.ParseInt(at, 10, 64)
	if err != nil || s.now().Sub(time.Unix(made, 0)) > offerFor {
		return "", stale
	}
	return secret, nil
}

// Turning is what a member says who turns a second factor on.
type Turning struct {
	Sealed      string // of the Offer
	Credentials        // with a code of the offer
	Session     int64  // in which it is done: it goes on
}

// TurnOnFactor asks for a code with each sign-in from now on, and gives the recovery codes,
// which are told this once. What was open without ends.
func (s *Service) TurnOnFactor(ctx context.Context, m Member, t Turning) ([]string, error) {
	secret, err := s.openOffer(m, t.Sealed)
	if err != nil {
		return nil, err
	}
	has, err := hasFactor(ctx, s.db, m.ID)
	if err != nil {
		return nil, err
	}
	if has {
		return nil, errHasFactor
	}
	if err := s.CheckCredentials(ctx, m, t.Credentials); err != nil {
		return nil, err
	}
	step, err := s.stepOf(secret, compact(t.Code))
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, fault.New(fault.Invalid, "This is not the code that your app shows now.")
	}
	sealed, err := s.dir.Seal([]byte(secret), factorOf(m.ID))
	if err != nil {
		return nil, err
	}
	codes := newRecoveries()
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := insertFactor(ctx, tx, factor{Member: m.ID, Secret: sealed, LastStep: step}, s.now()); err != nil {
			return err
		}
		if err := replaceRecoveries(ctx, tx, m.ID, hashRecoveries(codes)); err != nil {
			return err
		}
		if err := s.endOthers(ctx, tx, m.ID, t.Session); err != nil {
			return err
		}
		return s.noteFactor(ctx, tx, m.ID, TurnedOn)
	})
	s.pokeMail()
	return codes, err
}

var errHasFactor = fault.New(fault.Conflict, "Verification in two steps is on already.")

// TurnOffFactor asks for the password alone from now on.
func (s *Service) TurnOffFactor(ctx context.Context, m Member, p Credentials) error {
	if err := s.CheckCredentials(ctx, m, p); err != nil {
		return err
	}
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.dropFactor(ctx, tx, m.ID); err != nil {
			return err
		}
		return s.noteFactor(ctx, tx, m.ID, TurnedOff)
	})
	s.pokeMail()
	return err
}

// TakeFactor takes from a member a second factor that they lost. What was open ends.
func (s *Service) TakeFactor(ctx context.Context, by acts.By, who actors.ID) error {
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.dropFactor(ctx, tx, who); err != nil {
			return err
		}
		if err := s.endOthers(ctx, tx, who, 0); err != nil {
			return err
		}
		if err := s.noteFactor(ctx, tx, who, TakenAway); err != nil {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.TakeFactor, By: by, Target: who})
	})
	s.pokeMail()
	return err
}

// dropFactor forgets one, which has to be there.
func (s *Service) dropFactor(ctx context.Context, tx storage.Tx, who actors.ID) error {
	if _, err := lockFactor(ctx, tx, who); err != nil {
		return err
	}
	return deleteFactor(ctx, tx, who)
}
