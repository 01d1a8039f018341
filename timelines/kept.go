package timelines

import (
	"context"

	"passerelles/access"
	"passerelles/fault"
	"passerelles/posts"
)

// Bookmarks gives what the reader keeps for later, what was kept last first. An Entry's ID is that of
// the bookmark.
func (s *Service) Bookmarks(ctx context.Context, r access.Reader, p Page) ([]Entry, error) {
	return s.entries(ctx, r, p, bookmarked)
}

// Favourites gives what the reader likes, what was liked last first. An Entry's ID is when, in
// microseconds since 1970.
func (s *Service) Favourites(ctx context.Context, r access.Reader, p Page) ([]Entry, error) {
	return s.entries(ctx, r, p, favourite)
}

// Exchange is a direct exchange between some people.
type Exchange struct {
	Root   int64 // its first post
	Last   posts.Post
	Unread bool
}

// Exchanges gives the direct exchanges of the reader that they did not put away, by their
// last posts: p bounds these.
func (s *Service) Exchanges(ctx context.Context, r access.Reader, p Page) ([]Exchange, error) {
	found, err := exchangesOf(ctx, s.db, r, p, 0)
	if err != nil {
		return nil, err
	}
	return s.filled(ctx, r, found)
}

// ExchangeOf gives the one that begins with a post; fault.NotFound if the reader has none such.
func (s *Service) ExchangeOf(ctx context.Context, r access.Reader, root int64) (Exchange, error) {
	found, err := exchangesOf(ctx, s.db, r, Page{}, root)
	if err != nil {
		return Exchange{}, err
	}
	all, err := s.filled(ctx, r, found)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "There is no such exchange.")
	}
	if err != nil {
		return Exchange{}, err
	}
	return all[0], nil
}

func (s *Service) filled(ctx context.Context, r access.Reader, found []exchange) ([]Exchange, error) {
	ids := make([]int64, len(found))
	for i, e := range found {
		ids[i] = e.Last
	}
	all, err := s.posts.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	last := make(map[int64]posts.Post, len(all))
	for _, p := range all {
		last[p.ID] = p
	}
	exchanges := make([]Exchange, 0, len(found))
	for _, e := range found {
		if p, ok := last[e.Last]; ok {
			exchanges = append(exchanges, Exchange{e.Root, p, e.Unread})
		}
	}
	return exchanges, nil
}
