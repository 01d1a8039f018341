package notifications

import (
	"context"
	"time"

	"passerelles/storage"
)

const (
	caughtMost = 200
	caughtFor  = 7 * 24 * time.Hour
	oldNotices = 90 * 24 * time.Hour
)

// Caught is a mail that stayed here, since this server is only tried out.
type Caught struct {
	ID                int64
	At                time.Time
	To, Subject, Body string
}

func (s *Service) catch(ctx context.Context, c composed) error {
	return insertCaught(ctx, s.DB, Caught{ID: storage.NewID(c.At), At: c.At, To: c.To, Subject: c.Subject, Body: c.Body}, caughtMost)
}

// Caught gives the mails that stayed here, the latest first.
func (s *Service) Caught(ctx context.Context) ([]Caught, error) {
	return caughtMails(ctx, s.DB, caughtMost)
}

// Sweep forgets mails that were caught long ago, and old notices. It is for a scheduled run.
func (s *Service) Sweep(ctx context.Context) error {
	if err := deleteCaught(ctx, s.DB, s.Now().Add(-caughtFor)); err != nil {
		return err
	}
	for {
		n, err := deleteOldNotices(ctx, s.DB, s.Now().Add(-oldNotices))
		if err != nil || n < mostRows {
			return err
		}
	}
}
