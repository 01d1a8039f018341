package inbox

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// undo takes back a Follow or a Like. One that finds nothing is kept for an hour, and
// cancels what it names should that come later.
func (in *Inbox) undo(ctx context.Context, a arrival) (change, error) {
	if a.Object.Raw == nil {
		came, err := whatCame(ctx, in.DB, a.Object.ID)
		if err != nil {
			return nil, err
		}
		if came == nil {
			return in.undoByID(a), nil
		}
		a.Object.Raw = came
	}
	d, err := a.Object.Document()
	if err != nil {
		return nil, refused("what it undoes cannot be read")
	}
	undone, err := d.Activity()
	if err != nil {
		return nil, ignored("it undoes something else than an activity")
	}
	if undone.Actor != "" && undone.Actor != a.Actor && !slices.Contains(rulings, undone.Type) {
		return nil, refused("it undoes what somebody else did")
	}
	switch undone.Type {
	case "Follow", "Join":
		return in.undoFollow(ctx, a, undone)
	case "Like", "EmojiReact":
		if undone.Object.ID, err = in.Posts.Meant(ctx, undone.Object.ID, a.by.ID); err != nil {
			return nil, err
		}
		return in.orRemember(a, undone.ID, in.unlike(a, undone)), nil
	case "Dislike":
		return in.orRemember(a, undone.ID, func(ctx context.Context, tx storage.Tx) (bool, error) {
			return in.Posts.ReceiveUndislike(ctx, tx, in.reaction(a, undone))
		}), nil
	case "Announce":
		if a.by.Kind != actors.Group {
			return in.unshare(a, undone.ID, undone.Object.ID), nil
		}
		return in.unannounce(a, undone), nil
	case "Lock", "Delete":
		return in.rule(ctx, ruling{Activity: undone, from: a, undo: true})
	case "Block":
		return in.block(ctx, ruling{Activity: undone, from: a, undo: true})
	}
	return nil, ignored("to undo this does nothing here")
}

// find looks for what is undone, ends it, and says whether it was there.
type find func(ctx context.Context, tx storage.Tx) (bool, error)

// orRemember keeps the Undo if nothing was found.
func (in *Inbox) orRemember(a arrival, iri string, look find) change {
	return func(ctx context.Context, tx storage.Tx) error {
		found, err := look(ctx, tx)
		if err != nil || found || iri == "" {
			return err
		}
		return rememberUndo(ctx, tx, a.Actor, iri, in.Now())
	}
}

func (in *Inbox) undoFollow(ctx context.Context, a arrival, follow vocab.Activity) (change, error) {
	target, err := in.ours(ctx, a.reach, follow.Object.ID)
	if err != nil {
		return nil, err
	}
	return in.orRemember(a, follow.ID, in.unfollow(a.by, target)), nil
}

func (in *Inbox) unfollow(by, target actors.Actor) find {
	return func(ctx context.Context, tx storage.Tx) (bool, error) {
		if target.Kind == actors.Group {
			return in.Communities.ReceiveUnfollow(ctx, tx, by, target)
		}
		return in.Accounts.ReceiveUnfollow(ctx, tx, by, target)
	}
}

// unannounce takes what a community announced out of it. It is remembered all the same: the
// announcement may come after it.
func (in *Inbox) unannounce(a arrival, undone vocab.Activity) change {
	return in.orRemember(a, undone.ID, func(ctx context.Context, tx storage.Tx) (bool, error) {
		if a.by.Kind != actors.Group || undone.Object.ID == "" || undone.Object.Type != "" && !slices.Contains(postTypes, undone.Object.Type) {
			return false, nil
		}
		r := ruling{Activity: undone, from: a, undo: false}
		_, err := in.marking(r, a.by, posts.Withdrawn)(ctx, tx)
		return false, err
	})
}

func (in *Inbox) unlike(a arrival, like vocab.Activity) find {
	return func(ctx context.Context, tx storage.Tx) (bool, error) {
		return in.Posts.ReceiveUnlike(ctx, tx, in.reaction(a, like))
	}
}

// undoByID undoes what is only named: a Follow or a Like that we know by its id.
func (in *Inbox) undoByID(a arrival) change {
	return in.orRemember(a, a.Object.ID, func(ctx context.Context, tx storage.Tx) (bool, error) {
		follow, err := in.Directory.FollowByIRI(ctx, tx, a.Object.ID)
		if err == nil && follow.Follower == a.by.ID {
			target, err := in.Directory.ByID(ctx, follow.Followee)
			if err != nil || !target.Local() {
				return false, err
			}
			return in.unfollow(a.by, target)(ctx, tx)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return false, err
		}
		if ended, err := in.Posts.ReceiveUnboost(ctx, tx, a.by.ID, "", a.Object.ID); err != nil || ended {
			return ended, err
		}
		post, err := likedPost(ctx, tx, a.Object.ID, a.by.ID)
		if err != nil {
			return false, err
		}
		return in.unlike(a, vocab.Activity{ID: a.Object.ID, Object: vocab.Link(post)})(ctx, tx)
	})
}
