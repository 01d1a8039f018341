package communities

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// What a member of ours is told of a community.
const (
	NoticeClosed  = "closed"  // it is for members now: a follower is asked to join
	NoticeDeleted = "deleted" // it is no more
)

// Notice is what somebody of ours is told of a community, until they have read it.
type Notice struct {
	Who, Community actors.ID
	Kind           string
	Words          string // the title of a community that is no more
	At             time.Time
}

// noticesLast is how long a notice waits for its reader.
const noticesLast = 90 * 24 * time.Hour

// NoticeOf is a notice with its community.
type NoticeOf struct {
	Notice
	Group actors.Actor
}

// Notices gives what somebody is to read, the latest first, 20 at most.
func (s *Service) Notices(ctx context.Context, who actors.ID) ([]NoticeOf, error) {
	list, err := noticesOf(ctx, s.db, who)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids := make([]actors.ID, len(list))
	for i, n := range list {
		ids[i] = n.Community
	}
	known, err := s.dir.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	told := make([]NoticeOf, len(list))
	for i, n := range list {
		told[i] = NoticeOf{n, known[n.Community]}
	}
	return told, nil
}

// EndNotice notes that one was read. Without one nothing changes.
func (s *Service) EndNotice(ctx context.Context, n Notice) error { return deleteNotice(ctx, s.db, n) }

// tell leaves a notice for many at once.
func (s *Service) tell(ctx context.Context, tx storage.Tx, n Notice, to audienceHere) error {
	n.At = s.now()
	return insertNotices(ctx, tx, n, to)
}
