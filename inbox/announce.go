package inbox

import (
	"context"
	"errors"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// announce takes what a community elsewhere tells its followers (FEP-1b12). Of what
// others wrote nothing is believed on its word: their servers are asked.
func (in *Inbox) announce(ctx context.Context, a arrival) (change, error) {
	if a.by.Kind != actors.Group {
		return nil, ignored("a boost by a person is not shown here")
	}
	if len(a.Objects) > 10*fetches {
		return nil, refused("it announces too much at once")
	}
	wanted, err := in.wanted(ctx, a)
	if err != nil {
		return nil, err
	}
	if !wanted {
		return nil, ignored("nobody here follows this community")
	}
	var changes []change
	var first error = ignored("it announces nothing")
	for i, ref := range a.Objects {
		do, err := in.announced(ctx, a, ref)
		var over end
		switch {
		case errors.As(err, &over):
			if i == 0 {
				first = over
			}
		case err != nil:
			return nil, err
		default:
			changes = append(changes, do)
		}
	}
	if len(changes) == 0 {
		return nil, first
	}
	return in.unlessUndone(a, func(ctx context.Context, tx storage.Tx) error {
		for _, do := range changes {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	}), nil
}

// wanted says whether an announcement is for anybody here: a follower of the community,
// or the author of a post of ours that it let in.
func (in *Inbox) wanted(ctx context.Context, a arrival) (bool, error) {
	for _, ref := range a.Objects {
		if in.IRIs.Local(ref.ID) {
			return true, nil
		}
		if d, err := ref.Document(); err == nil && d.Kind == vocab.KindActivity {
			if inner, err := d.Activity(); err == nil && in.IRIs.Local(inner.Object.ID) {
				return true, nil
			}
		}
	}
	return followedHere(ctx, in.DB, a.by.ID)
}

// announced prepares one thing that a community announces.
func (in *Inbox) announced(ctx context.Context, a arrival, ref vocab.Ref) (change, error) {
	if ref.Raw == nil {
		return in.announcedPost(ctx, a, ref, false)
	}
	d, err := ref.Document()
	if err != nil {
		return nil, refused("what it announces cannot be read")
	}
	if d.Kind != vocab.KindActivity {
		return in.announcedPost(ctx, a, ref, false)
	}
	inner, err := d.Activity()
	if err != nil {
		return nil, refused("what it announces cannot be read")
	}
	a.inside = d
	switch inner.Type {
	case "Create":
		return in.announcedPost(ctx, a, inner.Object, false)
	case "Update":
		return in.announcedPost(ctx, a, inner.Object, true)
	case "Delete":
		return in.announcedDelete(ctx, a, inner)
	case "Like", "EmojiReact":
		return in.announcedLike(ctx, a, inner)
	case "Undo":
		return in.announcedUndo(ctx, a, inner)
	}
	return nil, ignored("to announce this does nothing here")
}

// announcedPost takes a post that the community let in. One that is here is not fetched
// again unless it is said to have changed.
func (in *Inbox) announcedPost(ctx context.Context, a arrival, ref vocab.Ref, changed bool) (change, error) {
	if ref.ID == "" {
		return nil, refused("what it announces has no id")
	}
	known, err := in.Posts.Known(ctx, in.DB, ref.ID)
	switch {
	case err != nil:
		return nil, err
	case known && (!changed || in.IRIs.Local(ref.ID)):
		return func(ctx context.Context, tx storage.Tx) error {
			return in.Posts.ReceiveShare(ctx, tx, a.by, ref.ID)
		}, nil
	case in.IRIs.Local(ref.ID):
		return nil, ignored("there is no such post of ours")
	}
	vouches, err := in.vouches(ctx, a, ref)
	if err != nil {
		return nil, err
	}
	n, err := a.reach.note(ctx, ref, vouches)
	if err != nil {
		return nil, err
	}
	return in.announcedNote(ctx, a, n)
}

func (in *Inbox) announcedNote(ctx context.Context, a arrival, n vocab.Note) (change, error) {
	if err := in.notOurs(ctx, a, n); err != nil {
		return nil, err
	}
	author, err := a.reach.actor(ctx, n.AttributedTo)
	if err != nil {
		return nil, orEnd(err)
	}
	if err := a.reach.parents(ctx, a, n); err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.Receive(ctx, tx, posts.In{Note: n, Author: author, Community: &a.by, Announced: true})
		return err
	}, nil
}

// notOurs refuses that a community elsewhere tells what belongs to one of ours.
func (in *Inbox) notOurs(ctx context.Context, a arrival, n vocab.Note) error {
	for _, iri := range slices.Concat(n.Audience, n.To, n.Cc) {
		if in.IRIs.ActorID(iri) == 0 {
			continue
		}
		group, found, err := a.reach.here(ctx, iri)
		if err != nil {
			return err
		}
		if found && group.Kind == actors.Group {
			return refused("it belongs to a community of ours")
		}
	}
	return nil
}

// announcedDelete takes away what the community's own server held, or what the server of
// the author says is gone.
func (in *Inbox) announcedDelete(ctx context.Context, a arrival, inner vocab.Activity) (change, error) {
	iri := inner.Object.ID
	if in.IRIs.Local(iri) {
		return nil, ignored("a community elsewhere does not delete what is ours")
	}
	author, err := authorOf(ctx, in.DB, iri)
	switch {
	case fault.Is(err, fault.NotFound) && federation.SameOrigin(iri, a.Actor):
		return in.deletionUnseen(posts.Deletion{By: a.by, IRI: iri, ActivityIRI: inner.ID, ActivityType: inner.Type}), nil
	case fault.Is(err, fault.NotFound):
		return nil, ignored("nobody here has it")
	case err != nil:
		return nil, err
	case !federation.SameOrigin(iri, a.Actor):
		if err := in.deletedBy(ctx, a, iri); err != nil {
			return nil, err
		}
	}
	by, err := in.anyActor(ctx, author)
	if err != nil {
		return nil, err
	}
	return in.deletion(posts.Deletion{By: by, IRI: iri, ActivityIRI: inner.ID, ActivityType: inner.Type}), nil
}

// deletionUnseen sees that what its own server deletes does not come any more.
func (in *Inbox) deletionUnseen(d posts.Deletion) change {
	return func(ctx context.Context, tx storage.Tx) error {
		known, err := in.Posts.ReceiveDelete(ctx, tx, d)
		if known && fault.Is(err, fault.Forbidden) {
			return fault.Wrap(fault.Unavailable, "it came at this moment", err) // then it has an author, who is looked for anew
		}
		return err
	}
}

// announcedLike counts a like on the word of the community, unless its author lives on
// the same server.
func (in *Inbox) announcedLike(ctx context.Context, a arrival, inner vocab.Activity) (change, error) {
	reaction, err := in.reported(ctx, a, inner)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error { return in.Posts.ReceiveLike(ctx, tx, reaction) }, nil
}

// announcedUndo takes such a like back.
func (in *Inbox) announcedUndo(ctx context.Context, a arrival, inner vocab.Activity) (change, error) {
	d, err := inner.Object.Document()
	if err != nil {
		return nil, ignored("what is undone is only named")
	}
	like, err := d.Activity()
	if err != nil || like.Type != "Like" && like.Type != "EmojiReact" {
		return nil, ignored("to undo this does nothing here")
	}
	if like.Actor != "" && like.Actor != inner.Actor {
		return nil, refused("it undoes what somebody else did")
	}
	like.Actor = inner.Actor
	reaction, err := in.reported(ctx, a, like)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.ReceiveUnlike(ctx, tx, reaction)
		return err
	}, nil
}

func (in *Inbox) reported(ctx context.Context, a arrival, like vocab.Activity) (posts.Reaction, error) {
	if in.IRIs.Local(like.Actor) {
		return posts.Reaction{}, ignored("we know what ours like")
	}
	by, err := a.reach.actor(ctx, like.Actor)
	if err != nil {
		return posts.Reaction{}, orEnd(err)
	}
	r := posts.Reaction{By: by, Post: like.Object.ID, Like: like.ID, ActivityIRI: like.ID}
	if !federation.SameOrigin(like.Actor, a.Actor) {
		r.Reported = &a.by
	}
	return r, nil
}
