package inbox

import (
	"context"

	"passerelles/posts"
	"passerelles/storage"
)

// create takes a new post from its author.
func (in *Inbox) create(ctx context.Context, a arrival) (change, error) {
	n, err := a.reach.note(ctx, a.Object, a.Actor)
	if err != nil {
		return nil, err
	}
	if n.AttributedTo != a.Actor {
		return nil, refused("somebody else wrote it")
	}
	if ours, err := in.concerns(ctx, a.by, n); err != nil {
		return nil, err
	} else if !ours {
		return nil, ignored("it concerns nobody here")
	}
	if err := a.reach.parents(ctx, a, n); err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.Receive(ctx, tx, posts.In{
			Note: n, Author: a.by, Activity: a.Raw, ActivityIRI: a.ID, ActivityType: a.Type,
		})
		return err
	}, nil
}
