package moderation

import (
	"context"

	"passerelles/actors"
	"passerelles/notifications"
	"passerelles/storage"
)

// tellReport tells those who may settle a report that it waits, but not of whom it tells.
func (s *Service) tellReport(ctx context.Context, tx storage.Tx, r Report) error {
	told := map[actors.ID]bool{r.Person: true, r.By: true}
	tell := func(community actors.ID, who []actors.ID) error {
		var to []actors.ID
		for _, one := range who {
			if !told[one] {
				told[one] = true
				to = append(to, one)
			}
		}
		return s.Notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Report, Community: community, Ref: r.ID}, to...)
	}
	if r.Community != 0 {
		animators, err := s.Communities.Animators(ctx, tx, r.Community)
		if err != nil {
			return err
		}
		var who []actors.ID
		for _, a := range animators {
			who = append(who, a.ID)
		}
		if err := tell(r.Community, who); err != nil {
			return err
		}
	}
	if !r.ToServer {
		return nil
	}
	admins, err := administrators(ctx, tx)
	if err != nil {
		return err
	}
	return tell(0, admins)
}
