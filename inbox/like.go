package inbox

import (
	"context"

	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// like counts that somebody likes a post. A reaction with an emoji counts as one, and its
// emoji is kept: an EmojiReact of Pleroma, a Like with a content of Misskey.
func (in *Inbox) like(ctx context.Context, a arrival) (change, error) {
	if a.Object.ID == "" {
		return nil, refused("it likes nothing")
	}
	var err error
	if a.Object.ID, err = in.Posts.Meant(ctx, a.Object.ID, a.by.ID); err != nil {
		return nil, err
	}
	return in.unlessUndone(a, func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveLike(ctx, tx, in.reaction(a, a.Activity))
	}), nil
}

// dislike keeps a vote against a post, as Lemmy's: who votes so likes it no longer.
func (in *Inbox) dislike(_ context.Context, a arrival) (change, error) {
	if a.Object.ID == "" {
		return nil, refused("it dislikes nothing")
	}
	return in.unlessUndone(a, func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveDislike(ctx, tx, in.reaction(a, a.Activity))
	}), nil
}

// reaction is a like, or another vote, that an activity brought or takes back.
func (in *Inbox) reaction(a arrival, like vocab.Activity) posts.Reaction {
	return posts.Reaction{By: a.by, Post: like.Object.ID, Like: like.ID, Activity: a.Raw, ActivityIRI: a.ID,
		Emoji: like.Content, Exact: like.Type == "EmojiReact"}
}
