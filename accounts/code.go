package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

const (
	codeDigits    = 6
	codeEach      = 30 // seconds
	codeSlack     = 1  // codes before and after that of now, which are taken too
	mostRecovery  = 10
	recoveryRunes = 16 // of base32: 80 bits, which nobody guesses
)

// Codes of six digits are guessed in time by who knows the password, so that few tries are
// left each day; a recovery code is not, and stays open to its owner meanwhile.
func codeLimits(who actors.ID, p Credentials) []limit {
	if !isDigits(compact(p.Code)) {
		return []limit{{"recovery " + p.Address, 20, time.Hour}}
	}
	return []limit{{fmt.Sprintf("code %d", who), 5, 15 * time.Minute}, {fmt.Sprintf("codes %d", who), 20, 24 * time.Hour}}
}

// compact is a code without what people put in it to read it.
func compact(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(code))
}

func isDigits(code string) bool {
	return len(code) == codeDigits && strings.Trim(code, "0123456789") == ""
}

var (
	errNoCode    = fault.New(fault.Invalid, "Type a code of your app, or a recovery code.")
	errWrongCode = fault.New(fault.Unauthenticated, "This code is not right, or was used already.")
)

// showCode uses a code up, of who has a second factor.
func (s *Service) showCode(ctx context.Context, who actors.ID, p Credentials) error {
	has, err := hasFactor(ctx, s.db, who)
	if err != nil || !has {
		return err
	}
	err = s.tryCode(ctx, who, p, func(storage.Tx) error { return nil })
	s.pokeMail()
	return err
}

// tryCode counts a try, and does what a right code is for in the transaction that uses it up.
func (s *Service) tryCode(ctx context.Context, who actors.ID, p Credentials, do func(storage.Tx) error) error {
	code := compact(p.Code)
	if code == "" {
		return errNoCode
	}
	limits := codeLimits(who, p)
	if err := s.count(ctx, limits); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.useCode(ctx, tx, who, code); err != nil {
			return err
		}
		for _, l := range limits {
			if err := deleteTries(ctx, tx, l.subject); err != nil {
				return err
			}
		}
		return do(tx)
	})
}

// useCode takes a code that was not taken before. The row of the factor is locked: of those
// who show the same one at once, one comes in.
func (s *Service) useCode(ctx context.Context, tx storage.Tx, who actors.ID, code string) error {
	f, err := lockFactor(ctx, tx, who)
	if err != nil {
		return err
	}
	if !isDigits(code) {
		return s.useRecovery(ctx, tx, who, code)
	}
	secret, err := s.dir.Open(f.Secret, factorOf(who))
	if err != nil {
		return fmt.Errorf("open the second factor of %d: %w", who, err)
	}
	step, err := s.stepOf(string(secret), code)
	if err != nil {
		return err
	}
	if step <= f.LastStep {
		return errWrongCode
	}
	return updateStep(ctx, tx, who, step)
}

func (s *Service) useRecovery(ctx context.Context, tx storage.Tx, who actors.ID, code string) error {
	used, err := useRecovery(ctx, tx, who, hashRecovery(code), s.now())
	if err != nil {
		return err
	}
	if !used {
		return errWrongCode
	}
	return s.noteFactor(ctx, tx, who, UsedRecovery)
}

// stepOf gives of which step of the time, of those that count now, a code is; 0: of none.
func (s *Service) stepOf(secret, code string) (int64, error) {
	if !isDigits(code) {
		return 0, nil
	}
	now := s.now().Unix() / codeEach
	for step := now - codeSlack; step <= now+codeSlack; step++ {
		fits, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("compare a code: %w", err)
		}
		if fits {
			return step, nil
		}
	}
	return 0, nil
}

// NewRecoveries gives a member other recovery codes, which are told this once.
func (s *Service) NewRecoveries(ctx context.Context, m Member, p Credentials) ([]string, error) {
	if err := s.CheckCredentials(ctx, m, p); err != nil {
		return nil, err
	}
	codes := newRecoveries()
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if _, err := lockFactor(ctx, tx, m.ID); err != nil {
			return err
		}
		if err := replaceRecoveries(ctx, tx, m.ID, hashRecoveries(codes)); err != nil {
			return err
		}
		return s.noteFactor(ctx, tx, m.ID, NewCodes)
	})
	s.pokeMail()
	return codes, err
}

// newRecoveries writes codes in fours, as people copy them.
func newRecoveries() []string {
	codes := make([]string, mostRecovery)
	for i := range codes {
		code := strings.ToLower(rand.Text()[:recoveryRunes])
		codes[i] = code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:]
	}
	return codes
}

func hashRecoveries(codes []string) [][]byte {
	hashes := make([][]byte, len(codes))
	for i, code := range codes {
		hashes[i] = hashRecovery(compact(code))
	}
	return hashes
}

func hashRecovery(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
