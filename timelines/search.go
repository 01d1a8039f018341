package timelines

import (
	"context"

	"passerelles/access"
	"passerelles/posts"
	"passerelles/text"
)

// Search gives the posts in which all the words stand, newest first: those of
// communities, of people who let their words be found, and the reader's own and those that
// name them. Of unlisted ones only the latter.
func (s *Service) Search(ctx context.Context, r access.Reader, typed string, p Page) ([]posts.Post, error) {
	query := text.Query(typed)
	if query == "" {
		return nil, nil
	}
	return s.list(ctx, r, Page{Before: p.Before, Limit: p.Limit}, selection{sources: []source{withWords}}.with("query", query))
}
