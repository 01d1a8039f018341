package inbox

import (
	"context"

	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// create takes a new post from its author. What answers the letter of a community is for those
// who animate it, and no post.
func (in *Inbox) create(ctx context.Context, a arrival) (change, error) {
	n, err := in.created(ctx, a)
	if err != nil {
		return nil, err
	}
	if in.Communities.IsLetter(n.InReplyTo) {
		return func(ctx context.Context, tx storage.Tx) error {
			return in.Communities.ReceiveReply(ctx, tx, a.by, n.InReplyTo, n.Content)
		}, nil
	}
	post, err := in.newPost(ctx, a, n)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.Receive(ctx, tx, post)
		return err
	}, nil
}

// created reads what the sender wrote.
func (in *Inbox) created(ctx context.Context, a arrival) (vocab.Note, error) {
	n, err := a.reach.note(ctx, a.Object, a.Actor)
	if err == nil && n.AttributedTo != a.Actor {
		err = refused("somebody else wrote it")
	}
	return n, err
}

// newPost sees that a post is our business, and that what it answers is here.
func (in *Inbox) newPost(ctx context.Context, a arrival, n vocab.Note) (posts.In, error) {
	answered, err := in.Posts.Meant(ctx, n.InReplyTo, a.by.ID)
	if err != nil {
		return posts.In{}, err
	}
	told := answered != n.InReplyTo
	n.InReplyTo = answered
	ours, err := in.concerns(ctx, a, n)
	if err == nil && !ours {
		err = ignored("it concerns nobody here")
	}
	if err == nil {
		err = a.reach.parents(ctx, a, n)
	}
	if err != nil {
		return posts.In{}, err
	}
	post, err := a.reach.quotes(ctx, a, posts.In{Note: n, Author: a.by, Activity: a.Raw, ActivityIRI: a.ID, ActivityType: a.Type, Told: told})
	if err != nil {
		return posts.In{}, err
	}
	return in.Posts.Clean(post), nil
}
