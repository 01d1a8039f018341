package web

import (
	"context"
	"crypto/rand"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/pace"
)

const (
	lookFor     = 10 * time.Second // for other servers to answer, while somebody waits
	mostLookups = 30               // by one member
	lookupsIn   = 10 * time.Minute
)

// NewAsked counts what members have us ask of other servers, by whichever door.
func NewAsked() *pace.Pace[actors.ID] {
	return &pace.Pace[actors.ID]{Most: mostLookups, Within: lookupsIn}
}

// findAway asks who is called so, here or on another server, on behalf of a member.
func (h *Handler) findAway(v *visit, who string) (actors.Actor, error) {
	if wait, may := h.Asked.Take(v.member.ID, rand.Text(), h.Now()); !may { // each is another
		return actors.Actor{}, fault.Later(fault.TooMany, "You have looked for much on other servers: come back in a few minutes.", wait)
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), lookFor)
	defer cancel()
	a, err := h.Directory.Find(ctx, who)
	if err == nil && a.Kind == actors.Application {
		err = fault.New(fault.Invalid, "This cannot be followed.")
	}
	return h.unlessHidden(v, a, tooLong(ctx, err))
}

// tooLong says of other servers what ended for want of time.
func tooLong(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == context.DeadlineExceeded {
		return fault.Wrap(fault.Unavailable, "The other server takes too long to answer.", err)
	}
	return err
}
