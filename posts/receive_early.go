package posts

import (
	"context"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// announceEarly tells the likes that came before their post, now that it is in a
// community of ours. Of whom the community has refused, none count.
func (s *Service) announceEarly(ctx context.Context, tx storage.Tx, p Post, early []earlyLike) error {
	if p.Community == nil || !p.Community.Local() || !shown(p.Scope) {
		return nil
	}
	for _, l := range early {
		err := s.communities.MayPublish(ctx, tx, p.Community.ID, actors.Actor{ID: l.Who})
		if fault.Is(err, fault.Forbidden) {
			_, err = deleteLike(ctx, tx, like{Post: p.ID, Who: l.Who})
		} else if err == nil {
			err = s.communities.Announce(ctx, tx, *p.Community, communities.What{Activity: l.Activity,
				ActivityIRI: l.IRI, ActivityType: "Like", Object: p.IRI, Root: p.Root, At: s.now()})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
