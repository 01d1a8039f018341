package communities

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// mostFounded is how many communities a member makes in a day: each costs keys, and a name for
// ever.
const mostFounded = 5

// MayFound refuses who may not make a community on the site: members may where the
// administrators let them, and these always.
func (s *Service) MayFound(ctx context.Context, q storage.Querier, who actors.ID) error {
	may, err := mayFound(ctx, q, who)
	if err == nil && !may {
		err = fault.New(fault.Forbidden, "On this server the administrators make communities: write to them.")
	}
	return err
}

// Found makes a community for a member, who owns it.
func (s *Service) Found(ctx context.Context, n New) (Community, error) {
	if err := s.MayFound(ctx, s.db, n.Animator); err != nil {
		return Community{}, err
	}
	made, err := foundedSince(ctx, s.db, n.Animator, s.now().Add(-24*time.Hour))
	if err != nil {
		return Community{}, err
	}
	if made >= mostFounded {
		return Community{}, fault.Later(fault.TooMany, "You have made five communities today: make the next one tomorrow.", 24*time.Hour)
	}
	return s.create(ctx, n, func(storage.Tx, actors.ID) error { return nil })
}
