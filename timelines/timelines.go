// Package timelines finds what a reader wants to see. It never writes.
//
// Each list is one query that finds the posts by key (store.go), which posts.Listed reads with
// all that is shown beside them. Those that hold boosts too are in shared.go, those
// that a member keeps by themselves in kept.go, those under hashtags in tags.go.
package timelines

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
	"passerelles/storage"
)

// Page says which part of a list is wanted, newest first.
type Page struct {
	Before int64 // posts older than this one; 0: from the newest
	After  int64 // posts newer than this one; 0: to the oldest
	Oldest bool  // of these the oldest, the newest of them first
	Limit  int   // 0: 20; at most 100
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return 20
	}
	return min(p.Limit, 100)
}

// Service reads timelines.
type Service struct {
	db    *storage.DB
	posts *posts.Service
}

// NewService builds the service.
func NewService(db *storage.DB, p *posts.Service) *Service { return &Service{db: db, posts: p} }

// Home gives the thread starters of the reader and of the people and communities that it follows.
func (s *Service) Home(ctx context.Context, r access.Reader, p Page) ([]posts.Post, error) {
	w, err := wishesOf(ctx, s.db, r.ID)
	if err != nil {
		return nil, err
	}
	return s.list(ctx, r, p, selection{sources: inHome(w)})
}

// Community gives the thread starters of a community, ours or not.
func (s *Service) Community(ctx context.Context, r access.Reader, id actors.ID, p Page) ([]posts.Post, error) {
	return s.list(ctx, r, p, about(id, inPosts(community)))
}

// Themed gives those of a community's thread starters that stand under one of its themes.
func (s *Service) Themed(ctx context.Context, r access.Reader, id actors.ID, theme int64, p Page) ([]posts.Post, error) {
	return s.list(ctx, r, p, about(id, underTheme).with("theme", theme))
}

// Profile gives the posts and replies of a person.
func (s *Service) Profile(ctx context.Context, r access.Reader, id actors.ID, p Page) ([]posts.Post, error) {
	of := about(id, inPosts(profile))
	of.shunned = true
	return s.list(ctx, r, p, of)
}

// Local gives the public thread starters of the communities of this server.
func (s *Service) Local(ctx context.Context, r access.Reader, p Page) ([]posts.Post, error) {
	return s.list(ctx, r, p, selection{sources: []source{inPosts(local + " AND p.deleted_at IS NULL")}})
}

func (s *Service) list(ctx context.Context, r access.Reader, p Page, of selection) ([]posts.Post, error) {
	all, err := s.entries(ctx, r, p, of)
	found := make([]posts.Post, len(all))
	for i, e := range all {
		found[i] = e.Post
	}
	return found, err
}
