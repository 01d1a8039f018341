package inbox

import (
	"context"

	"passerelles/posts"
	"passerelles/storage"
)

// like counts that somebody likes a post. A reaction with an emoji counts as one.
func (in *Inbox) like(_ context.Context, a arrival) (change, error) {
	if a.Object.ID == "" {
		return nil, refused("it likes nothing")
	}
	return in.unlessUndone(a, func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveLike(ctx, tx, posts.Reaction{
			By: a.by, Post: a.Object.ID, Like: a.ID, Activity: a.Raw, ActivityIRI: a.ID,
		})
	}), nil
}
