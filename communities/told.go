package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/notifications"
	"passerelles/storage"
)

// notify tells somebody of ours what became of them in a community. Who decided it is not named.
func (s *Service) notify(ctx context.Context, tx storage.Tx, kind string, community, who actors.ID) error {
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: kind, Community: community}, who)
}

// tellRequest tells those who animate a community that somebody asks to be a member, unless
// they were told of many others whom they have not answered.
func (s *Service) tellRequest(ctx context.Context, tx storage.Tx, community, who actors.ID, before crowd) error {
	if before.All >= mostTold {
		return nil
	}
	animators, err := animatorIDs(ctx, tx, community)
	if err != nil {
		return err
	}
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Request, Community: community, By: who}, animators...)
}
