package posts

import (
	"context"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// waits says whether a post may still come into a community: that of the thread whose
// head is not here. Until then likes of it are kept as they came.
func (t target) waits() bool { return t.Community == 0 && t.HeadIRI != "" }

// mayWait is waits for a post that is about to be kept.
func (p Post) mayWait() bool { return p.Community == nil && p.ParentIRI != "" }

// announceAdoptedLikes tells the likes of what waited for the head of its thread.
func (s *Service) announceAdoptedLikes(ctx context.Context, tx storage.Tx, parent Post) error {
	early, err := takeThreadsEarlyLikes(ctx, tx, parent.Root)
	if err != nil {
		return err
	}
	for _, l := range early {
		if parent.Community == nil || l.Community != parent.Community.ID {
			continue
		}
		p := Post{ID: l.Post, IRI: l.PostIRI, Root: parent.Root, Scope: l.Scope, Community: parent.Community}
		if err := s.announceEarly(ctx, tx, p, []earlyLike{{l.Who, l.IRI, l.Activity}}); err != nil {
			return err
		}
	}
	return nil
}

// announceEarly tells the likes that came before their post, now that it is in a
// community of ours. Of whom the community has refused, none count.
func (s *Service) announceEarly(ctx context.Context, tx storage.Tx, p Post, early []earlyLike) error {
	circle, told := circleOf(p.Scope)
	if p.Community == nil || !p.Community.Local() || !told {
		return nil
	}
	for _, l := range early {
		err := s.communities.MayPublish(ctx, tx, p.Community.ID, actors.Actor{ID: l.Who})
		if fault.Is(err, fault.Forbidden) {
			_, err = deleteLike(ctx, tx, like{Post: p.ID, Who: l.Who})
		} else if err == nil {
			err = s.communities.Announce(ctx, tx, *p.Community, communities.What{Activity: l.Activity,
				ActivityIRI: l.IRI, ActivityType: "Like", Object: p.IRI, Root: p.Root, At: s.now(), Circle: circle})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
