package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// Resembled gives, of some people, those who may be taken for who animates a community, and for
// whom.
func (s *Service) Resembled(ctx context.Context, q storage.Querier, community actors.ID, people []actors.Actor) (map[actors.ID][]actors.Actor, error) {
	animators, err := s.Animators(ctx, q, community)
	all := map[actors.ID][]actors.Actor{}
	for _, who := range people {
		if like := actors.Resembled(who, animators); len(like) > 0 {
			all[who.ID] = like
		}
	}
	return all, err
}
