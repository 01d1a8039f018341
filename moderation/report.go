package moderation

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
	"passerelles/text"
)

// ReceiveReport keeps a report from elsewhere, once. It is shown to nobody and passed on to
// nobody: it tells who complained.
func (s *Service) ReceiveReport(ctx context.Context, tx storage.Tx, r Report) error {
	r.Reason = text.Excerpt(r.Reason, longestReason)
	r.About = r.About[:min(len(r.About), mostAbout)]
	return insertReport(ctx, tx, r)
}

// ReportsBy gives what somebody reported, the latest first, 100 at most.
func (s *Service) ReportsBy(ctx context.Context, by actors.ID) ([]Report, error) {
	return reportsBy(ctx, s.db, by)
}
