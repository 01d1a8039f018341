package timelines

import (
	"context"

	"passerelles/actors"
)

// Lists of which it can be asked whether a post stands in them.
const (
	InHome   = "home"   // of a reader
	InLocal  = "local"  // public thread starters of the communities of this server
	InPublic = "public" // whatever is public
	InDirect = "direct" // what is addressed to the reader
)

// Audience tells who of readers finds which posts in a list: the rule of the list, told of many
// readers at once. With gone it tells who found them until they were deleted or taken away.
func (s *Service) Audience(ctx context.Context, list string, posts []int64, readers []actors.ID, gone bool) (map[int64][]actors.ID, error) {
	if len(posts) == 0 || len(readers) == 0 {
		return nil, nil
	}
	return audience(ctx, s.db, list, posts, readers, gone)
}
