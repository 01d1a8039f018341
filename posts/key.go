package posts

import (
	"context"
	"crypto/sha256"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// keysStay is how long a key stands for what was written with it, as at Mastodon.
const keysStay = time.Hour

// errTwice says within a transaction that something was written with its key: nothing more is.
var errTwice = fault.New(fault.Conflict, "This was published already.")

// keyed gives what somebody wrote with a key within the last hour; the zero Post for nothing.
func (s *Service) keyed(ctx context.Context, who actors.ID, key string) (Post, error) {
	if key == "" {
		return Post{}, nil
	}
	made, err := madeWith(ctx, s.db, who, sumOfKey(key), s.now().Add(-keysStay))
	if err != nil || made == 0 {
		return Post{}, err
	}
	return s.ByID(ctx, access.Reader{ID: who}, made)
}

// takeKey notes in the post's own transaction what a key stands for. Who comes at the same time, also
// to another process, waits here for the end of the first.
func (s *Service) takeKey(ctx context.Context, tx storage.Tx, who actors.ID, key string, made int64) error {
	if key == "" {
		return nil
	}
	now := s.now()
	first, err := insertKey(ctx, tx, who, sumOfKey(key), made, now, now.Add(-keysStay))
	if err == nil && !first {
		err = errTwice
	}
	return err
}

func sumOfKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}
