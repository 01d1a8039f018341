package communities

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Roles that a community elsewhere gives.
const (
	Moderator = "moderator"
	Banned    = "banned"
)

// Role is what a community elsewhere says that somebody is in it, or no longer is.
type Role struct {
	Community actors.Actor
	Who       string // IRI
	Role      string
	Holds     bool
	Until     time.Time // of a ban; zero: for ever
	Reason    string
	At        time.Time // when it was said: what was said last holds
}

// ReceiveRole keeps such a role, whose authority the inbox established; changed tells
// whether it was otherwise before.
func (s *Service) ReceiveRole(ctx context.Context, tx storage.Tx, r Role) (changed bool, err error) {
	if r.Community.Local() {
		return false, fault.New(fault.Forbidden, "Only its owner says who is what in a community of ours.")
	}
	return upsertRole(ctx, tx, r)
}

// List is who moderates a community elsewhere, as its own server shows it.
type List struct {
	Community actors.Actor
	IRIs      []string
	Whole     bool // nobody else does
	At        time.Time
}

// ReceiveModerators keeps whom a list names, and, if it is whole, no longer those whom it
// does not; what was said later stands.
func (s *Service) ReceiveModerators(ctx context.Context, tx storage.Tx, l List) error {
	if l.Community.Local() {
		return fault.New(fault.Forbidden, "Only its owner says who is what in a community of ours.")
	}
	return upsertModerators(ctx, tx, l)
}

// Moderates says whether somebody may moderate a community: of ours, who animates it; of
// others, itself and those whom it named. To live on its server is not enough.
func (s *Service) Moderates(ctx context.Context, q storage.Querier, community, who actors.Actor) (bool, error) {
	switch {
	case community.Local():
		return s.IsAnimator(ctx, q, community.ID, who.ID)
	case who.ID == community.ID:
		return true, nil
	}
	return holdsRole(ctx, q, Role{Community: community, Who: who.IRI, Role: Moderator, At: s.now()})
}

// MayWriteTo refuses a member of ours whom a community elsewhere has shut out: it would
// not take what they write.
func (s *Service) MayWriteTo(ctx context.Context, q storage.Querier, community, who actors.Actor) error {
	if community.Local() {
		return nil
	}
	out, err := holdsRole(ctx, q, Role{Community: community, Who: who.IRI, Role: Banned, At: s.now()})
	if err == nil && out {
		return fault.New(fault.Forbidden, "This community takes nothing from you.")
	}
	return err
}
