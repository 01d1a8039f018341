package posts

import (
	"context"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/storage"
)

// Like tells that a member likes a post; liking twice changes nothing.
func (s *Service) Like(ctx context.Context, who actors.ID, id int64) error {
	return s.react(ctx, who, id, s.like)
}

// Unlike takes a like back; without one it changes nothing.
func (s *Service) Unlike(ctx context.Context, who actors.ID, id int64) error {
	return s.react(ctx, who, id, s.unlike)
}

type reaction func(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, t target) error

func (s *Service) react(ctx context.Context, who actors.ID, id int64, do reaction) error {
	p, err := s.ByID(ctx, access.Reader{ID: who}, id)
	if err != nil {
		return err
	}
	by, err := s.dir.ByID(ctx, who)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		t, deleted, err := liked(ctx, tx, p.IRI)
		if err != nil {
			return err
		}
		if deleted || t == nil {
			return fault.New(fault.Gone, "This post was deleted.")
		}
		return do(ctx, tx, by, p, *t)
	})
	if err != nil {
		return err
	}
	s.poke()
	return nil
}

func (s *Service) like(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, t target) error {
	if err := s.mayReact(ctx, tx, by, t); err != nil {
		return err
	}
	if err := access.RefuseBlocked(ctx, tx, p.Author.ID, by.ID); err != nil {
		return err
	}
	iri, now := s.iris.NewActivity(), s.now()
	changed, err := insertLike(ctx, tx, like{Post: p.ID, Who: by.ID, IRI: iri, At: now})
	if err != nil || !changed {
		return err
	}
	if err := s.tellLiked(ctx, tx, t, by); err != nil {
		return err
	}
	return s.sendReaction(ctx, tx, by, p, s.sayLike(iri, by, p), now)
}

// tellLiked tells a member that what they wrote is liked.
func (s *Service) tellLiked(ctx context.Context, tx storage.Tx, t target, by actors.Actor) error {
	if !t.Local {
		return nil
	}
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Liked, By: by.ID, Community: t.Community, Post: t.ID}, t.Author)
}

// unlike is for who sees the post, whatever they may still do in its community.
func (s *Service) unlike(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, _ target) error {
	iri, err := likeOf(ctx, tx, p.ID, by.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := deleteLike(ctx, tx, like{Post: p.ID, Who: by.ID}); err != nil {
		return err
	}
	undone := s.sayLike(iri, by, p)
	inner, err := undone.Embed()
	if err != nil {
		return err
	}
	undo := undone
	undo.ID, undo.Type = s.iris.NewActivity(), "Undo"
	undo.Object = inner
	return s.sendReaction(ctx, tx, by, p, undo, s.now())
}

// sendReaction goes to the author's server and to the community, and nowhere else.
func (s *Service) sendReaction(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, a vocab.Activity, now time.Time) error {
	a.Published = now
	var to []actors.ID
	if !inside(p.Scope) {
		to = []actors.ID{p.Author.ID}
	}
	if p.Community != nil {
		to = append(to, p.Community.ID)
	}
	return s.sendTo(ctx, tx, outbox.Audience{To: to}, saying{post: p, by: by, what: a})
}
