package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/storage"
)

// IssueToken makes a secret that stands for the member until ttl has passed; ttl
// 0 is for ever. Only its hash is kept.
func (s *Service) IssueToken(ctx context.Context, by acts.By, id actors.ID, label string, ttl time.Duration) (string, error) {
	secret := rand.Text() + rand.Text()
	now := s.now()
	t := token{Hash: hashToken(secret), Member: id, Label: label, CreatedAt: now}
	if ttl > 0 {
		ends := now.Add(ttl)
		t.ExpiresAt = &ends
	}
	return secret, s.db.Write(ctx, func(tx storage.Tx) error {
		if err := insertToken(ctx, tx, t); err != nil {
			return err
		}
		return s.record(ctx, tx, acts.Act{Kind: acts.IssueToken, By: by, Target: id})
	})
}

// ByToken finds the member for whom a secret stands.
func (s *Service) ByToken(ctx context.Context, secret string) (Member, error) {
	m, err := memberByToken(ctx, s.db, hashToken(secret), s.now())
	if fault.Is(err, fault.NotFound) {
		return Member{}, fault.New(fault.Unauthenticated, "This token is not known, or no longer.")
	}
	if err != nil {
		return m, err
	}
	return m, s.Admitted(ctx, m.ID)
}

// RevokeToken ends a secret; ending it again changes nothing.
func (s *Service) RevokeToken(ctx context.Context, secret string) error {
	return deleteToken(ctx, s.db, hashToken(secret))
}

// endTokens ends those of a member, and whatever else opens the account without a password.
func (s *Service) endTokens(ctx context.Context, tx storage.Tx, who actors.ID) error {
	if err := deleteTokens(ctx, tx, who); err != nil {
		return err
	}
	return s.ended(ctx, tx, who)
}

// Sweep forgets what has had its time: tokens, failed sign-ins, sessions, sign-ups that
// nobody confirmed, links. It is for a scheduled run.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.now()
	return errors.Join(
		deleteSpent(ctx, s.db, now, now.Add(-failuresWithin)),
		deleteOld(ctx, s.db, now.Add(-24*time.Hour), now.Add(-SessionLife)),
		deleteFactorChanges(ctx, s.db, now.Add(-changesFor)),
		s.sweepSignUps(ctx, now),
	)
}

func hashToken(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
