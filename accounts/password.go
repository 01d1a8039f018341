package accounts

import (
	"context"
	"fmt"
	"runtime"

	"github.com/alexedwards/argon2id"
)

// params follow OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// nobodysHash is compared with when there is no such login, so that the answer
// takes as long as for one that exists. No password fits it.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRub2JvZHkh$" +
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// slots bounds the memory that passwords take at one time.
func slots() int { return min(2, runtime.GOMAXPROCS(0)) }

func (s *Service) hashPassword(ctx context.Context, password string) (string, error) {
	if err := s.takeSlot(ctx); err != nil {
		return "", err
	}
	defer s.freeSlot()
	hash, err := argon2id.CreateHash(password, params)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// comparePassword is for who holds a slot.
func comparePassword(password, hash string) (bool, error) {
	fits, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return fits, nil
}

func (s *Service) takeSlot(ctx context.Context) error {
	select {
	case s.hash <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) freeSlot() { <-s.hash }
