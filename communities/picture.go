package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/media"
	"passerelles/storage"
)

// SetPicture has who animates a community choose the picture that it shows of itself, nil: none,
// and tells it to those who follow.
func (s *Service) SetPicture(ctx context.Context, animator, community actors.ID, p *media.Portrait) error {
	if s.media == nil {
		return fault.New(fault.Unavailable, "Files cannot be kept now.")
	}
	return s.living(ctx, community, func(tx storage.Tx, _ actors.Actor) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		if err := s.media.SetPortrait(ctx, tx, community, p); err != nil {
			return err
		}
		icon := ""
		if p != nil {
			icon = s.iris.Origin + p.Path()
		}
		a, err := s.dir.SetIcon(ctx, tx, community, icon)
		if err != nil {
			return err
		}
		return s.SendUpdate(ctx, tx, a)
	})
}

// dropPicture takes it away, in the transaction that ends the community.
func (s *Service) dropPicture(ctx context.Context, tx storage.Tx, community actors.ID) error {
	if s.media == nil {
		return nil
	}
	return s.media.SetPortrait(ctx, tx, community, nil)
}
