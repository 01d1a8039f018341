package accounts

import (
	"context"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/media"
	"passerelles/storage"
)

// SetPicture has a member choose the picture that they show of themselves, nil: none, and tells it
// to those who follow.
func (s *Service) SetPicture(ctx context.Context, id actors.ID, p *media.Portrait) error {
	return s.setPicture(ctx, id, p, nil)
}

// SetPictureOf chooses it for them.
func (s *Service) SetPictureOf(ctx context.Context, by acts.By, id actors.ID, p *media.Portrait) error {
	return s.setPicture(ctx, id, p, &acts.Act{Kind: acts.SetPicture, By: by, Target: id})
}

// setPicture notes the act, nil for what is no administrator's.
func (s *Service) setPicture(ctx context.Context, id actors.ID, p *media.Portrait, act *acts.Act) error {
	if s.media == nil {
		return fault.New(fault.Unavailable, "Files cannot be kept now.")
	}
	err := s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.media.SetPortrait(ctx, tx, id, p); err != nil {
			return err
		}
		icon := ""
		if p != nil {
			icon = s.iris.Origin + p.Path()
		}
		a, err := s.dir.SetIcon(ctx, tx, id, icon)
		if err != nil {
			return err
		}
		if act != nil {
			if err := s.record(ctx, tx, *act); err != nil {
				return err
			}
		}
		return s.SendUpdate(ctx, tx, a)
	})
	if err == nil {
		s.poke()
	}
	return err
}
