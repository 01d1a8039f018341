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
// others wrote nothing is believed on its word: their servers are asked. What a person
// announces is a boost.
func (in *Inbox) announce(ctx context.Context, a arrival) (change, error) {
	if a.by.Kind != actors.Group {
		return in.share(ctx, a)
	}
	if len(a.Objects) > 10*fetches {
		return nil, refused("it announces too much at once")
	}
	wanted, err := in.wanted(ctx, a)
	if err != nil {
		return nil, err
	}
	if len(wanted) == 0 && len(a.Objects) > 0 {
		return nil, ignored("nobody here follows this community")
	}
	var changes []change
	var first error = ignored("it announces nothing")
	for i, ref := range wanted {
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

// wanted gives what of an announcement is for anybody here: all of it if somebody follows the
// community, else what is about a post of ours that it let in.
func (in *Inbox) wanted(ctx context.Context, a arrival) ([]vocab.Ref, error) {
	followed, err := followedHere(ctx, in.DB, a.by.ID)
	if err != nil || followed {
		return a.Objects, err
	}
	return slices.DeleteFunc(slices.Clone(a.Objects), func(ref vocab.Ref) bool { return !in.aboutOurs(ref) }), nil
}

func (in *Inbox) aboutOurs(ref vocab.Ref) bool {
	if in.IRIs.Local(ref.ID) {
		return true
	}
	inner, err := activityIn(ref)
	return err == nil && in.IRIs.Local(inner.Object.ID)
}

// announced prepares one thing that a community announces.
func (in *Inbox) announced(ctx context.Context, a arrival, ref vocab.Ref) (change, error) {
	if ref.Raw == nil {
		return in.boosted(ctx, a, ref)
	}
	d, err := ref.Document()
	if err != nil {
		return nil, refused("what it announces cannot be read")
	}
	if d.Kind != vocab.KindActivity {
		return in.boosted(ctx, a, ref)
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
		if inner.Object.ID == a.Actor { // a moderator changed the community itself
			return in.refresh(ctx, a, a.Actor)
		}
		return in.announcedPost(ctx, a, inner.Object, true)
	case "Delete":
		return in.announcedDelete(ctx, a, inner)
	case "Like", "EmojiReact":
		return in.announcedLike(ctx, a, inner)
	case "Dislike":
		return in.announcedDislike(ctx, a, inner)
	case "Undo":
		return in.announcedUndo(ctx, a, inner)
	case "Add", "Remove", "Lock", "Block":
		return in.rule(ctx, ruling{Activity: inner, from: a, said: inner.Published})
	}
	return nil, ignored("to announce this does nothing here")
}

// boosted takes a post that the community announces by itself; one whose announcement it had
// taken back is shown again.
func (in *Inbox) boosted(ctx context.Context, a arrival, ref vocab.Ref) (change, error) {
	do, err := in.announcedPost(ctx, a, ref, false)
	if err != nil {
		return nil, err
	}
	at := ruling{from: a}.at()
	return func(ctx context.Context, tx storage.Tx) error {
		if err := do(ctx, tx); err != nil {
			return err
		}
		return in.Posts.Reinstate(ctx, tx, a.by.ID, ref.ID, at)
	}, nil
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
	if known && errors.Is(err, errDeleted) {
		return in.announcedGone(ctx, ref.ID)
	}
	if err != nil {
		return nil, err
	}
	return in.announcedNote(ctx, a, n)
}

// announcedGone takes away a post of which its own server shows what is left.
func (in *Inbox) announcedGone(ctx context.Context, iri string) (change, error) {
	author, err := authorOf(ctx, in.DB, iri)
	if err != nil {
		return nil, orEnd(err)
	}
	by, err := in.anyActor(ctx, author)
	if err != nil {
		return nil, err
	}
	return in.deletion(posts.Deletion{By: by, IRI: iri}), nil
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
	came, err := a.reach.quotes(ctx, a, posts.In{Note: n, Author: author, Community: &a.by, Announced: true, Asked: a.reach.asked})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.Receive(ctx, tx, came)
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
	author, err := authorOf(ctx, in.DB, iri)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	removal, wrong := in.isRemoval(ctx, inner, author)
	switch {
	case wrong != nil:
		return nil, wrong
	case removal:
		return in.rule(ctx, ruling{Activity: inner, from: a, said: inner.Published})
	case in.IRIs.Local(iri):
		return nil, ignored("a community elsewhere does not delete what is ours")
	case author == 0 && federation.SameOrigin(iri, a.Actor):
		return in.deletionUnseen(posts.Deletion{By: a.by, IRI: iri, ActivityIRI: inner.ID, ActivityType: inner.Type}), nil
	case author == 0:
		return in.rumour(iri), nil
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

// rumour has what is not here asked for again by whoever is just fetching it.
func (in *Inbox) rumour(iri string) change {
	return func(ctx context.Context, tx storage.Tx) error {
		known, err := in.Posts.ReceiveRumour(ctx, tx, iri)
		switch {
		case err != nil:
			return err
		case known:
			return fault.New(fault.Unavailable, "it came at this moment") // then its server is asked
		}
		return ignored("nobody here has it")
	}
}

// isRemoval tells a moderator's Delete from its author's: it has a reason, as Lemmy writes it,
// or it is by somebody else.
func (in *Inbox) isRemoval(ctx context.Context, inner vocab.Activity, author actors.ID) (bool, error) {
	if inner.Summary != "" {
		return true, nil
	}
	if author == 0 {
		return !federation.SameOrigin(inner.Actor, inner.Object.ID), nil
	}
	by, err := in.anyActor(ctx, author)
	return err == nil && inner.Actor != "" && by.IRI != inner.Actor, err
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
	return in.unlessCancelled(a.Actor, inner.ID, func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveLike(ctx, tx, reaction)
	}), nil
}

// announcedDislike keeps a vote against, likewise.
func (in *Inbox) announcedDislike(ctx context.Context, a arrival, inner vocab.Activity) (change, error) {
	reaction, err := in.reported(ctx, a, inner)
	if err != nil {
		return nil, err
	}
	return in.unlessCancelled(a.Actor, inner.ID, func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveDislike(ctx, tx, reaction)
	}), nil
}

// announcedUndo takes such a like back. Where there is none it is kept, as word of the
// community alone: it cancels what the community tells later and not what somebody says.
func (in *Inbox) announcedUndo(ctx context.Context, a arrival, inner vocab.Activity) (change, error) {
	d, err := inner.Object.Document()
	if err != nil {
		return nil, ignored("what is undone is only named")
	}
	like, err := d.Activity()
	if err == nil && slices.Contains(rulings, like.Type) {
		return in.rule(ctx, ruling{Activity: like, from: a, said: inner.Published, undo: true})
	}
	if err != nil || !slices.Contains([]string{"Like", "EmojiReact", "Dislike"}, like.Type) {
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
	return in.orRemember(a, like.ID, func(ctx context.Context, tx storage.Tx) (bool, error) {
		if like.Type == "Dislike" {
			return in.Posts.ReceiveUndislike(ctx, tx, reaction)
		}
		return in.Posts.ReceiveUnlike(ctx, tx, reaction)
	}), nil
}

func (in *Inbox) reported(ctx context.Context, a arrival, like vocab.Activity) (posts.Reaction, error) {
	if in.IRIs.Local(like.Actor) {
		return posts.Reaction{}, ignored("we know what ours like")
	}
	by, err := a.reach.actor(ctx, like.Actor)
	if err != nil {
		return posts.Reaction{}, orEnd(err)
	}
	r := posts.Reaction{By: by, Post: like.Object.ID, Like: like.ID, ActivityIRI: like.ID, Emoji: like.Content,
		Exact: like.Type == "EmojiReact"}
	if !federation.SameOrigin(like.Actor, a.Actor) {
		r.Reported = &a.by
	}
	return r, nil
}
