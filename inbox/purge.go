package inbox

import (
	"context"

	"passerelles/actors"
	"passerelles/departures"
	"passerelles/fault"
	"passerelles/storage"
)

// purgesUs says whether a Remove asks this very server to forget what it holds of a community.
func (in *Inbox) purgesUs(a arrival) bool {
	return a.RemoveData && (a.Target.ID == in.IRIs.Application() || a.Target.ID == in.IRIs.Origin+"/")
}

// purge obeys a community elsewhere of which nobody here is a member any more. That the last one
// left may still be on its way.
func (in *Inbox) purge(ctx context.Context, a arrival) (change, error) {
	if a.by.Kind != actors.Group || a.Object.ID != a.Actor {
		return nil, refused("a community asks this of itself only")
	}
	return func(ctx context.Context, tx storage.Tx) error {
		nobody, err := in.Communities.ServesNobody(ctx, tx, a.by.ID)
		switch {
		case err != nil:
			return err
		case !nobody && a.attempt < 3:
			return fault.New(fault.Unavailable, "somebody here is still its member")
		case !nobody:
			return ignored("somebody here is its member")
		}
		return departures.Purge(ctx, tx, a.by.ID, a.ID, in.Now())
	}, nil
}

// purged takes that another server did as a community of ours asked it.
func (in *Inbox) purged(a arrival) change {
	return func(ctx context.Context, tx storage.Tx) error {
		found, err := in.Communities.ReceivePurged(ctx, tx, a.by, a.Object.ID)
		if err == nil && !found {
			err = ignored("nobody asked this of it")
		}
		return err
	}
}
