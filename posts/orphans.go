package posts

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// adopt attaches the replies that came before their parent, with all that hangs
// on them, and lets them into its community.
func (s *Service) adopt(ctx context.Context, tx storage.Tx, parent Post, orphans []int64) error {
	// Who claims to reply to what hangs on itself stays alone.
	orphans = slices.DeleteFunc(orphans, func(id int64) bool { return id == parent.Root })
	if len(orphans) == 0 {
		return nil
	}
	var community actors.ID
	if parent.Community != nil {
		community = parent.Community.ID
	}
	if err := attach(ctx, tx, parent, community, orphans); err != nil {
		return err
	}
	if parent.Community != nil && parent.Community.Local() {
		if err := s.letInAdopted(ctx, tx, *parent.Community, parent.Root); err != nil {
			return err
		}
	}
	return s.announceAdoptedLikes(ctx, tx, parent)
}

// letInAdopted announces what waited for its parent to be in a community of ours.
func (s *Service) letInAdopted(ctx context.Context, tx storage.Tx, community actors.Actor, root int64) error {
	waiting, err := unannounced(ctx, tx, community.ID, root)
	if err != nil {
		return err
	}
	for _, w := range waiting {
		if err := s.letInOne(ctx, tx, community, root, w); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) letInOne(ctx context.Context, tx storage.Tx, community actors.Actor, root int64, w waiting) error {
	activity, err := vocab.ReadActivity(w.Document)
	if err != nil { // fetched, not sent: there is no activity to pass on
		return nil
	}
	circle, _ := circleOf(w.Scope)
	err = s.communities.MayPublishFor(ctx, tx, communities.Publication{Community: community.ID, Author: w.Author, Circle: circle})
	if fault.Is(err, fault.Forbidden) {
		return outcast(ctx, tx, w.ID)
	}
	if err != nil {
		return err
	}
	held, err := s.communities.Holds(ctx, tx, community.ID, w.Author)
	if err != nil {
		return err
	}
	if held {
		return s.hold(ctx, tx, Post{IRI: w.IRI, Community: &community})
	}
	err = s.communities.Announce(ctx, tx, community, communities.What{Activity: w.Document,
		ActivityIRI: activity.ID, ActivityType: activity.Type, Object: w.IRI, Root: root, At: s.now(), Circle: circle})
	if err != nil {
		return err
	}
	if err := markAnnounced(ctx, tx, w.ID); err != nil {
		return err
	}
	return s.addEchoes(ctx, tx, Post{IRI: w.IRI, Community: &community, Scope: w.Scope, Announced: true})
}
