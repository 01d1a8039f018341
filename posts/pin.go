package posts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
)

// MostPins are shown first of what one person wrote.
const MostPins = 5

// Pin shows a post first: in its community, by who animates it; else, by its author, among what
// they wrote. Other servers are told of the former alone.
func (s *Service) Pin(ctx context.Context, who actors.ID, id int64) error {
	return s.setPin(ctx, who, id, communities.Pin, func(p Post) error {
		fits, err := insertPin(ctx, s.db, who, p.ID, s.now())
		if err == nil && !fits {
			err = fault.New(fault.Conflict, "Five posts are pinned already.")
		}
		return err
	})
}

// Unpin takes that back; without it, it changes nothing.
func (s *Service) Unpin(ctx context.Context, who actors.ID, id int64) error {
	return s.setPin(ctx, who, id, communities.Unpin, func(p Post) error { return deletePin(ctx, s.db, who, p.ID) })
}

func (s *Service) setPin(ctx context.Context, who actors.ID, id int64, act string, own func(Post) error) error {
	p, err := s.ByID(ctx, access.Reader{ID: who}, id)
	if err != nil {
		return err
	}
	if p.Community != nil && p.Community.Local() && p.Starter() {
		animates, err := s.communities.IsAnimator(ctx, s.db, p.Community.ID, who)
		if err != nil {
			return err
		}
		if animates {
			return s.Rule(ctx, who, id, Ruling{Act: act})
		}
	}
	if p.Author.ID != who {
		return fault.New(fault.Forbidden, "Only its author pins a post, or who animates its community.")
	}
	return own(p)
}

// Pinned gives what a person shows first and the reader may see, the latest first.
func (s *Service) Pinned(ctx context.Context, r access.Reader, who actors.ID) ([]Post, error) {
	ids, err := pinsOf(ctx, s.db, who)
	if err != nil {
		return nil, err
	}
	return s.ByIDs(ctx, r, ids)
}
