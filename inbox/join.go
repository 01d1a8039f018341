package inbox

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// join lets somebody follow a community of ours, as Mobilizon and Smithereen ask for it.
// Whoever would join a meeting of ours is told no: nobody is counted there yet.
func (in *Inbox) join(ctx context.Context, a arrival) (change, error) {
	if post := in.IRIs.PostID(a.Object.ID); post != 0 {
		return in.turnAway(ctx, a)
	}
	target, err := in.ours(ctx, a.reach, a.Object.ID)
	if err != nil {
		return nil, err
	}
	if target.Kind != actors.Group {
		return nil, ignored("only communities are joined")
	}
	return in.unlessUndone(a, func(ctx context.Context, tx storage.Tx) error {
		return in.Communities.ReceiveFollow(ctx, tx, a.by, target, a.Activity)
	}), nil
}

func (in *Inbox) turnAway(ctx context.Context, a arrival) (change, error) {
	author, err := authorOf(ctx, in.DB, a.Object.ID)
	if err != nil {
		return nil, orEnd(err)
	}
	host, err := in.anyActor(ctx, author)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		return in.Accounts.RejectJoin(ctx, tx, a.by, host, a.Activity)
	}, nil
}

// leave ends what join began.
func (in *Inbox) leave(ctx context.Context, a arrival) (change, error) {
	target, err := in.ours(ctx, a.reach, a.Object.ID)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.unfollow(a.by, target)(ctx, tx)
		return err
	}, nil
}

// invite takes that a community elsewhere invites somebody of ours.
func (in *Inbox) invite(ctx context.Context, a arrival) (change, error) {
	if a.by.Kind != actors.Group || a.Object.ID != a.Actor {
		return nil, ignored("only a community itself invites to it")
	}
	guest, err := in.ours(ctx, a.reach, a.Target.ID)
	if err != nil {
		return nil, err
	}
	if guest.Kind != actors.Person {
		return nil, ignored("only people are invited")
	}
	return func(ctx context.Context, tx storage.Tx) error {
		return in.Communities.ReceiveInvite(ctx, tx, a.by, guest)
	}, nil
}
