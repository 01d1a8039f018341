package history

import (
	"context"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// Bounds of what is read of the lists that a community keeps.
const (
	mostFeatured   = 20
	mostModerators = 100
)

// lists wants those that a community keeps: what it features and who moderates it.
func lists(a actors.Actor) (all []want) {
	if a.Kind != actors.Group {
		return nil
	}
	for kind, list := range map[string]string{kindFeatured: a.Featured, kindModerators: a.Moderators} {
		if list != "" {
			all = append(all, want{Kind: kind, IRI: a.IRI, Host: federation.Host(list), Budget: firstPosts})
		}
	}
	return all
}

// featured marks what a community lets stand first, and wants what is not here of it: it
// may be older than what its outbox still shows.
func (s *Service) featured(ctx context.Context, w want) error {
	a, err := s.Directory.ByIRI(ctx, w.IRI)
	if err != nil || a.Local() {
		return err
	}
	now := s.Now()
	ids, whole, err := s.list(ctx, a.Featured, mostFeatured)
	if err != nil {
		return err
	}
	p := newPick(a.Featured, w.Budget)
	for _, id := range ids {
		p.add(id)
	}
	fresh, err := s.unknown(ctx, p.ids)
	if err != nil {
		return err
	}
	var more []want
	for _, id := range fresh {
		more = append(more, want{Kind: kindPost, IRI: id, Community: a.ID, Budget: threadPosts})
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		if err := s.Posts.ReceiveFeatured(ctx, tx, posts.List{Community: a.ID, IRIs: p.ids, Whole: whole, At: now}); err != nil {
			return err
		}
		return s.want(ctx, tx, more...)
	})
}

// moderators keeps whom a community names.
func (s *Service) moderators(ctx context.Context, w want) error {
	a, err := s.Directory.ByIRI(ctx, w.IRI)
	if err != nil || a.Local() {
		return err
	}
	now := s.Now()
	ids, whole, err := s.list(ctx, a.Moderators, mostModerators)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		return s.Communities.ReceiveModerators(ctx, tx, communities.List{Community: a, IRIs: ids, Whole: whole, At: now})
	})
}

// list reads what a short collection names; whole says that it names nothing else.
func (s *Service) list(ctx context.Context, iri string, most int) (ids []string, whole bool, err error) {
	whole, err = s.walk(ctx, iri, func(items []vocab.Ref) (enough bool, err error) {
		for _, item := range items {
			if len(ids) == most {
				return true, nil
			}
			if federation.CheckIRI(item.ID) == nil {
				ids = append(ids, item.ID)
			}
		}
		return false, nil
	})
	return ids, whole, err
}
