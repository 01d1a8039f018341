package timelines

import (
	"context"
	"time"
)

// Indexed is a thread whose page search engines may show.
type Indexed struct {
	Post    int64
	Changed time.Time
}

// IndexedCommunities gives the names of our open communities whose pages search
// engines may show, newest first.
func (s *Service) IndexedCommunities(ctx context.Context, limit int) ([]string, error) {
	return indexedCommunities(ctx, s.db, limit)
}

// IndexedThreads gives the public threads of these communities, begun by people of
// ours who let search engines show what they write, newest first.
func (s *Service) IndexedThreads(ctx context.Context, limit int) ([]Indexed, error) {
	return indexedThreads(ctx, s.db, limit)
}
