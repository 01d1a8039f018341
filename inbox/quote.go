package inbox

import (
	"context"

	"passerelles/federation"
	"passerelles/posts"
	"passerelles/storage"
)

// quoteRequest answers whether a post of ours may be quoted (FEP-044f).
func (in *Inbox) quoteRequest(_ context.Context, a arrival) (change, error) {
	if in.IRIs.PostID(a.Object.ID) == 0 {
		return nil, ignored("it is about no post of ours")
	}
	if !federation.SameOrigin(a.Instrument.ID, a.Actor) {
		return nil, refused("what quotes is not of its actor's server")
	}
	return func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveQuoteRequest(ctx, tx, posts.QuoteRequest{By: a.by, Post: a.Object.ID,
			Quoting: a.Instrument.ID, Request: a.ID})
	}, nil
}
