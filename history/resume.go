package history

import (
	"context"
	"time"

	"passerelles/storage"
)

// away is how long we may be gone before others give up what they had for us:
// GoToSocial does after four minutes.
const away = 4 * time.Minute

// Pulse notes that this server lives. If it has not for some minutes, what those whom we
// follow showed meanwhile is wanted.
func (s *Service) Pulse(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		last, err := s.Directory.Touch(ctx, tx)
		if err != nil || s.Now().Sub(last) <= away {
			return err
		}
		missed, err := followedOutboxes(ctx, tx, mostOutages)
		if err != nil {
			return err
		}
		s.Log.Info("we were away: the outboxes of those whom we follow are read", "since", last, "outboxes", len(missed))
		return s.want(ctx, tx, missed...)
	})
}
