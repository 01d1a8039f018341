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

// Sharing tells who of readers finds which boosts in their home timelines.
func (s *Service) Sharing(ctx context.Context, boosts []int64, readers []actors.ID) (map[int64][]actors.ID, error) {
	return sharingFor(ctx, s.db, boosts, readers)
}

// Listing tells which posts the lists of members hold for these; with gone, held until they were
// deleted or taken away.
func (s *Service) Listing(ctx context.Context, lists, posts []int64, gone bool) (map[int64][]int64, error) {
	return listing(ctx, s.db, lists, posts, gone)
}
