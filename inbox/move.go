package inbox

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// move lets those of ours who follow somebody follow where they have moved, once both
// addresses say so. Nobody else gains or loses anything by it: who moved and follows
// people here has to ask again, and no membership goes along.
func (in *Inbox) move(ctx context.Context, a arrival) (change, error) {
	switch {
	case a.Object.ID != a.Actor:
		return nil, refused("it moves somebody else")
	case a.Target.ID == "" || a.Target.ID == a.Actor:
		return nil, refused("it moves nowhere")
	case in.IRIs.Local(a.Target.ID):
		return nil, refused("nobody here says to be the same")
	}
	followed, err := followedHere(ctx, in.DB, a.by.ID)
	if err != nil {
		return nil, err
	}
	if !followed {
		return nil, ignored("nobody here follows who moves")
	}
	to, err := in.movedTo(ctx, a)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		return in.Accounts.ReceiveMove(ctx, tx, a.by, to)
	}, nil
}

// movedTo asks both addresses: the old one must say where it moved, the new one who it was.
func (in *Inbox) movedTo(ctx context.Context, a arrival) (actors.Actor, error) {
	was, err := a.reach.profile(ctx, a.Actor)
	if err != nil {
		return actors.Actor{}, err
	}
	if was.MovedTo != a.Target.ID {
		return actors.Actor{}, refused("its old address does not say that it moved there")
	}
	is, err := a.reach.profile(ctx, a.Target.ID)
	if err != nil {
		return actors.Actor{}, err
	}
	if !slices.Contains(is.AlsoKnownAs, a.Actor) {
		return actors.Actor{}, refused("its new address does not say that it is the same")
	}
	to, err := in.Directory.Learn(ctx, is)
	if err != nil {
		return to, orEnd(err)
	}
	if to.Kind != a.by.Kind {
		return to, refused("it would become something else")
	}
	return to, nil
}

// profile fetches what an actor says of itself.
func (h *reach) profile(ctx context.Context, iri string) (vocab.Actor, error) {
	d, err := h.object(ctx, iri)
	if err != nil {
		return vocab.Actor{}, orEnd(err)
	}
	profile, err := d.Actor()
	if err != nil {
		return profile, refused("what its server shows is not an actor")
	}
	return profile, nil
}
