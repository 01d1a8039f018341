package inbox

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// follow lets somebody elsewhere follow a person or a community of ours.
func (in *Inbox) follow(ctx context.Context, a arrival) (change, error) {
	target, err := in.ours(ctx, a.reach, a.Object.ID)
	if err != nil {
		return nil, err
	}
	return in.unlessUndone(a, func(ctx context.Context, tx storage.Tx) error {
		if target.Kind == actors.Group {
			return in.Communities.ReceiveFollow(ctx, tx, a.by, target, a.Activity)
		}
		return in.Accounts.ReceiveFollow(ctx, tx, a.by, target, a.Activity)
	}), nil
}

// ours finds the person or the community of ours that an activity is about.
func (in *Inbox) ours(ctx context.Context, h *reach, iri string) (actors.Actor, error) {
	if in.IRIs.ActorID(iri) == 0 {
		return actors.Actor{}, ignored("it is about nobody of ours")
	}
	target, found, err := h.here(ctx, iri)
	switch {
	case err != nil:
		return target, err
	case !found || !target.Local():
		return target, ignored("it is about nobody of ours")
	case target.Kind != actors.Group && target.Kind != actors.Person:
		return target, ignored("the server itself is not followed")
	}
	return target, nil
}
