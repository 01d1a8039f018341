package moderation

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
	"passerelles/text"
)

// Bounds of a report.
const (
	longestReason = 5_000 // characters
	mostAbout     = 50
)

// Report is what somebody says is wrong.
type Report struct {
	IRI    string // of the Flag
	By     actors.ID
	About  []string // IRIs of posts and people
	Reason string
	At     time.Time
}

// ReceiveReport keeps a report from elsewhere, once. It is shown to nobody and passed on to
// nobody: it tells who complained.
func (s *Service) ReceiveReport(ctx context.Context, tx storage.Tx, r Report) error {
	r.Reason = text.Excerpt(r.Reason, longestReason)
	r.About = r.About[:min(len(r.About), mostAbout)]
	return insertReport(ctx, tx, r)
}

// ReportsBy gives what somebody reported, the latest first, 100 at most.
func (s *Service) ReportsBy(ctx context.Context, by actors.ID) ([]Report, error) {
	return reportsBy(ctx, s.DB, by)
}
