// Package reading keeps what members set up for their own reading: bookmarks, lists of accounts,
// filters, followed hashtags, how far they have read, notes about others. It tells nobody, and
// gives no right: what a bookmark or a list leads to is asked of access each time it is shown.
package reading

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// Options are the parts that reading needs.
type Options struct {
	DB  *storage.DB
	Now func() time.Time // nil: time.Now
}

// Service keeps it.
type Service struct{ Options }

// NewService builds the service.
func NewService(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o}
}

// Kept is what a member keeps of posts.
type Kept struct {
	Bookmarked map[int64]bool // posts
	Muted      map[int64]bool // first posts of threads
	Filters    []Filter       // all of the member's, through which the posts are to be looked
}

// Of gives what a member keeps of some posts and threads.
func (s *Service) Of(ctx context.Context, member actors.ID, posts, roots []int64) (Kept, error) {
	return keptOf(ctx, s.DB, member, posts, roots)
}

// Bookmark keeps a post for later; twice changes nothing. Whether the member may see it is the
// caller's to ask.
func (s *Service) Bookmark(ctx context.Context, member actors.ID, post int64) error {
	return insertBookmark(ctx, s.DB, storage.NewID(s.Now()), member, post)
}

// Unbookmark keeps it no longer.
func (s *Service) Unbookmark(ctx context.Context, member actors.ID, post int64) error {
	return deleteBookmark(ctx, s.DB, member, post)
}

// MuteThread has a member hear no more of the thread with this first post.
func (s *Service) MuteThread(ctx context.Context, member actors.ID, root int64) error {
	return insertMutedThread(ctx, s.DB, member, root)
}

// UnmuteThread takes that back.
func (s *Service) UnmuteThread(ctx context.Context, member actors.ID, root int64) error {
	return deleteMutedThread(ctx, s.DB, member, root)
}

// Note keeps words about somebody that their writer alone reads; "" keeps none.
func (s *Service) Note(ctx context.Context, member, who actors.ID, words string) error {
	if words == "" {
		return deleteNote(ctx, s.DB, member, who)
	}
	return upsertNote(ctx, s.DB, member, who, words)
}

// Notes gives a member's words about some.
func (s *Service) Notes(ctx context.Context, member actors.ID, about []actors.ID) (map[actors.ID]string, error) {
	return notesOf(ctx, s.DB, member, about)
}
