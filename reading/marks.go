package reading

import (
	"context"
	"slices"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/text"
)

// Timelines of which it is kept how far they were read.
const (
	Home          = "home"
	Notifications = "notifications"
)

// Mark is how far a member read a timeline.
type Mark struct {
	Timeline string
	Last     int64 // the id that was read last
	Version  int   // how often it was set
	At       time.Time
}

// Marks gives those of some timelines that were ever set.
func (s *Service) Marks(ctx context.Context, member actors.ID, timelines []string) ([]Mark, error) {
	return marksOf(ctx, s.DB, member, timelines)
}

// SetMark keeps how far a timeline was read: it may go back too.
func (s *Service) SetMark(ctx context.Context, member actors.ID, timeline string, last int64) (Mark, error) {
	if !slices.Contains([]string{Home, Notifications}, timeline) {
		return Mark{}, fault.New(fault.Invalid, "There is no such timeline.")
	}
	return upsertMark(ctx, s.DB, member, Mark{Timeline: timeline, Last: last, At: s.Now()})
}

// Tag is a hashtag that a member follows.
type Tag struct {
	Folded, Name string
	At           time.Time
}

const mostTags = 200 // of one member

// FollowTag has what stands under a hashtag, and everybody may read, in the home timeline.
func (s *Service) FollowTag(ctx context.Context, member actors.ID, name string) error {
	folded := text.FoldHashtag(name)
	if folded == "" || len([]rune(name)) > 100 {
		return fault.New(fault.Invalid, "This is no hashtag.")
	}
	made, err := insertTag(ctx, s.DB, member, Tag{folded, name, s.Now()})
	if err == nil && !made {
		err = fault.New(fault.Conflict, "There are too many hashtags already.")
	}
	return err
}

// UnfollowTag takes that back.
func (s *Service) UnfollowTag(ctx context.Context, member actors.ID, name string) error {
	return deleteTag(ctx, s.DB, member, text.FoldHashtag(name))
}

// FollowedTags gives those that a member follows, by name.
func (s *Service) FollowedTags(ctx context.Context, member actors.ID) ([]Tag, error) {
	return tagsOf(ctx, s.DB, member)
}

// ReadExchange notes how far a member read a direct exchange, which is that of a first post.
func (s *Service) ReadExchange(ctx context.Context, member actors.ID, root, last int64) error {
	return markExchange(ctx, s.DB, member, root, last, 0)
}

// PutAway hides an exchange until something comes after its last post.
func (s *Service) PutAway(ctx context.Context, member actors.ID, root, last int64) error {
	return markExchange(ctx, s.DB, member, root, last, last)
}
