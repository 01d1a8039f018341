package inbox

import (
	"context"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/posts"
	"passerelles/storage"
)

// delete takes away a post, or an actor that ends itself.
func (in *Inbox) delete(ctx context.Context, a arrival) (change, error) {
	iri := a.Object.ID
	if iri == a.Actor {
		return func(ctx context.Context, tx storage.Tx) error {
			return in.Directory.MarkGone(ctx, tx, a.by.ID)
		}, nil
	}
	if !federation.SameOrigin(iri, a.Actor) {
		return nil, refused("it is not theirs to delete")
	}
	if gone, err := in.Directory.ByIRI(ctx, iri); err == nil {
		// Another actor of that server: the server itself must say that it is gone.
		if err := a.reach.gone(ctx, iri); err != nil {
			return nil, err
		}
		return func(ctx context.Context, tx storage.Tx) error {
			return in.Directory.MarkGone(ctx, tx, gone.ID)
		}, nil
	} else if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Gone) {
		return nil, err
	}
	return in.deletion(posts.Deletion{
		By: a.by, IRI: iri, Activity: a.Raw, ActivityIRI: a.ID, ActivityType: a.Type,
	}), nil
}

func (in *Inbox) deletion(d posts.Deletion) change {
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.ReceiveDelete(ctx, tx, d)
		return err
	}
}
