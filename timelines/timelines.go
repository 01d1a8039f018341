// Package timelines finds what a reader wants to see. It never writes.
package timelines

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/posts"
	"passerelles/storage"
)

// Page says which part of a list is wanted, newest first.
type Page struct {
	Before int64 // posts older than this one; 0: from the newest
	Limit  int   // 0: 20; at most 100
}

// Service reads timelines.
type Service struct {
	db    *storage.DB
	posts *posts.Service
}

// NewService builds the service.
func NewService(db *storage.DB, p *posts.Service) *Service { return &Service{db: db, posts: p} }

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

// Home gives the thread starters of the reader and of the people and communities that it follows.
func (s *Service) Home(ctx context.Context, r access.Reader, p Page) ([]posts.Post, error) {
	return nil, errSoon
}

// Community gives the thread starters of a community, ours or not.
func (s *Service) Community(ctx context.Context, r access.Reader, id actors.ID, p Page) ([]posts.Post, error) {
	return nil, errSoon
}

// Profile gives the posts and replies of a person.
func (s *Service) Profile(ctx context.Context, r access.Reader, id actors.ID, p Page) ([]posts.Post, error) {
	return nil, errSoon
}

// Local gives the public thread starters of the communities of this server.
func (s *Service) Local(ctx context.Context, r access.Reader, p Page) ([]posts.Post, error) {
	return nil, errSoon
}
