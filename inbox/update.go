package inbox

import (
	"context"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
)

// update takes a new version: of a post, or of who sends it.
func (in *Inbox) update(ctx context.Context, a arrival) (change, error) {
	if a.Object.ID == a.Actor {
		return in.updateSelf(ctx, a)
	}
	if a.Object.Raw == nil {
		return in.create(ctx, a)
	}
	d, err := a.Object.Document()
	if err != nil {
		return nil, refused("its object cannot be read")
	}
	switch d.Kind {
	case vocab.KindTombstone:
		return in.delete(ctx, a)
	case vocab.KindActor:
		return in.updateOther(ctx, a)
	case vocab.KindCollection:
		return nil, ignored("collections are read when they are wanted")
	}
	return in.create(ctx, a)
}

// updateSelf learns what an actor says of itself, signed by itself.
func (in *Inbox) updateSelf(ctx context.Context, a arrival) (change, error) {
	if a.Object.Raw == nil {
		return in.refresh(ctx, a, a.Actor)
	}
	d, err := a.Object.Document()
	if err != nil {
		return nil, refused("its object cannot be read")
	}
	actor, err := d.Actor()
	if err != nil {
		return nil, refused("its object cannot be read")
	}
	if _, err := in.Directory.Learn(ctx, actor); err != nil {
		return nil, err
	}
	return nothing, nil
}

// updateOther reads again an actor that a neighbour on its server says has changed, as a
// moderator of Lemmy does of a community.
func (in *Inbox) updateOther(ctx context.Context, a arrival) (change, error) {
	if !federation.SameOrigin(a.Object.ID, a.Actor) {
		return nil, refused("it is not theirs to change")
	}
	if _, err := in.Directory.ByIRI(ctx, a.Object.ID); fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil, ignored("nobody here knows it")
	} else if err != nil {
		return nil, err
	}
	return in.refresh(ctx, a, a.Object.ID)
}

func (in *Inbox) refresh(ctx context.Context, a arrival, iri string) (change, error) {
	if err := a.reach.spend(); err != nil {
		return nil, err
	}
	if _, err := in.Directory.Refresh(ctx, iri); err != nil {
		return nil, err
	}
	return nothing, nil
}
