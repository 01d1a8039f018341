package notifications

import (
	"context"

	"passerelles/actors"
)

// One gives a notice to its reader: fault.NotFound if it is not theirs, or tells of what they may
// not see any more.
func (s *Service) One(ctx context.Context, reader actors.ID, id int64) (Notice, error) {
	return noticeFor(ctx, s.DB, reader, id)
}
