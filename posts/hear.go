package posts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// newsFor is how old a post may be when it comes, to be told to those whom it concerns.
const newsFor = 7 * 24 * time.Hour

// hear has new posts told to whom they concern here.
func (s *Service) hear(ctx context.Context, tx storage.Tx, all ...written) error {
	if s.notices == nil {
		return nil
	}
	var groups []actors.ID
	for _, w := range all {
		if w.told && w.Community != nil {
			groups = append(groups, w.Community.ID)
		}
	}
	awaited, err := s.notices.Awaited(ctx, tx, groups)
	if err != nil {
		return err
	}
	var concern []int64
	for _, w := range all {
		if w.told && (w.answers || len(w.here) > 0 || awaited[w.communityID()]) {
			concern = append(concern, w.ID)
		}
	}
	return s.notices.Posted(ctx, tx, concern...)
}

// news says whether a post that came is told to whom it concerns: what was only asked for, or
// is old, was not written to them now.
func (s *Service) news(in In, p Post) bool {
	return (in.Activity != nil || in.Announced) && !p.Deleted && s.now().Sub(p.Published) < newsFor
}
