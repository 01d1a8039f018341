package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// limit is how often something may be tried within a time.
type limit struct {
	subject string
	most    int
	within  time.Duration
}

const noMoreNow = "This was asked for too often: come back later."

// What one visitor, one mailbox and all together may have. What they ask for is counted
// whether it succeeds or not, and whether anybody has such an address or not.
func signUpLimits(address, email string) []limit {
	return []limit{{"sign-up " + address, 10, time.Hour}, {"sign-up", 300, time.Hour}, mailLimit(email)}
}

func resetLimits(address, email string) []limit {
	return []limit{{"reset " + address, 10, time.Hour}, mailLimit(email)}
}

func addressLimits(member actors.ID, email string) []limit {
	return []limit{{fmt.Sprintf("address %d", member), 10, time.Hour}, mailLimit(email)}
}

// mailLimit bounds what others can have sent to a mailbox.
func mailLimit(email string) limit { return limit{"mail " + mailbox(email), 4, time.Hour} }

// mailbox is where letters to an address end, hashed: what follows a + in its name is
// the same mailbox to most carriers.
func mailbox(email string) string {
	name, host, _ := strings.Cut(strings.ToLower(email), "@")
	name, _, _ = strings.Cut(name, "+")
	sum := sha256.Sum256([]byte(name + "@" + host))
	return hex.EncodeToString(sum[:16])
}

// count notes a try, and refuses it if one of the limits is reached.
func (s *Service) count(ctx context.Context, limits []limit) error {
	now := s.now()
	return s.db.Write(ctx, func(tx storage.Tx) error {
		for _, l := range limits {
			oldest, err := countTry(ctx, tx, l, now)
			if err != nil {
				return err
			}
			if !oldest.IsZero() {
				return fault.Later(fault.TooMany, noMoreNow, oldest.Add(l.within).Sub(now))
			}
		}
		return nil
	})
}
