package posts

import (
	"context"
	"slices"
	"time"

	"passerelles/access"
)

// Version is how a post read from a time on.
type Version struct {
	At      time.Time
	Title   string
	Content string // safe HTML
}

// Versions gives how a post that the reader may see read, the oldest first, the present one last:
// at most fifty are kept beside it.
func (s *Service) Versions(ctx context.Context, r access.Reader, id int64) ([]Version, error) {
	p, err := s.ByID(ctx, r, id)
	if err != nil {
		return nil, err
	}
	was, err := versionsOf(ctx, s.db, p.ID)
	if err != nil {
		return nil, err
	}
	now := Version{p.Published, p.Title, p.Content}
	if p.Updated != nil {
		now.At = *p.Updated
	}
	was = slices.DeleteFunc(was, func(v Version) bool { return !v.At.Before(now.At) }) // what came too late is not shown
	return append(was, now), nil
}
