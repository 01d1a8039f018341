package accounts

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
)

// Habits are how a member writes where they say nothing else.
type Habits struct {
	Visibility string // public, unlisted or private, as apps call it
	Sensitive  bool
	Quotable   string // who may quote it: public, followers or nobody; "": as usual
}

var (
	visibilities = []string{"public", "unlisted", "private"}
	quoters      = []string{"", "public", "followers", "nobody"}
)

// SetHabits changes them; nobody else is told.
func (s *Service) SetHabits(ctx context.Context, id actors.ID, to Habits) error {
	if err := to.check(); err != nil {
		return err
	}
	return updateHabits(ctx, s.db, id, to)
}

func (h Habits) check() error {
	switch {
	case !slices.Contains(visibilities, h.Visibility):
		return fault.New(fault.Invalid, "Posts are for everybody (public), for everybody outside of lists (unlisted), or for members (private).")
	case !slices.Contains(quoters, h.Quotable):
		return fault.New(fault.Invalid, "Posts are quoted by everybody (public), by followers, or by nobody.")
	}
	return nil
}
