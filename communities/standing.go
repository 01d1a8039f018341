package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// errUnknown is told of a confidential community to who may not know of it; errBlocked to
// whom a community keeps out.
var (
	errUnknown = fault.New(fault.NotFound, "There is no such community.")
	errBlocked = fault.New(fault.Forbidden, "This community takes nothing from this person.")
)

// lockedStanding is standingOf for who changes it: of two who do so at the same moment, the
// second sees what the first did. So nobody comes in while they are shut out.
func (s *Service) lockedStanding(ctx context.Context, tx storage.Tx, community, who actors.ID) (standing, error) {
	if err := lockStanding(ctx, tx, community, who); err != nil {
		return standing{}, err
	}
	return s.standingOf(ctx, tx, community, who)
}
