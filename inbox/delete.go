package inbox

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/departures"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/posts"
	"passerelles/storage"
)

// delete takes away a post, or an actor that ends itself.
func (in *Inbox) delete(ctx context.Context, a arrival) (change, error) {
	iri := a.Object.ID
	if iri == a.Actor {
		return in.markGone(a.by), nil
	}
	if a.Object.Raw != nil && slices.Contains(leaves, a.Object.Type) {
		return in.leaveEnds(a)
	}
	gone, err := in.Directory.ByIRI(ctx, iri)
	switch {
	case err == nil:
		return in.deleteOther(ctx, a, gone)
	case !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Gone):
		return nil, err
	}
	if group, moderates, err := in.moderator(ctx, a); err != nil {
		return nil, err
	} else if moderates {
		r := ruling{Activity: a.Activity, from: a}
		return in.ruled(r, group, in.marking(r, group, posts.Removed)), nil
	}
	if leave, err := in.isLeave(ctx, iri); err != nil || leave {
		return in.quoteEnds(a, iri), err
	}
	d := posts.Deletion{By: a.by, IRI: iri, Activity: a.Raw, ActivityIRI: a.ID, ActivityType: a.Type}
	if d.By, err = in.deleter(ctx, a); err != nil {
		return nil, err
	}
	return in.deletion(d), nil
}

// moderator says whether who deletes a post moderates its community and did not write it:
// then it is taken away, and may be brought back.
func (in *Inbox) moderator(ctx context.Context, a arrival) (group actors.Actor, yes bool, err error) {
	id, err := in.Posts.CommunityOf(ctx, in.DB, a.Object.ID)
	if fault.Is(err, fault.NotFound) {
		return group, false, nil
	}
	if err != nil {
		return group, false, err
	}
	author, err := authorOf(ctx, in.DB, a.Object.ID)
	if err != nil || author == a.by.ID {
		return group, false, err
	}
	if group, err = in.anyActor(ctx, id); err != nil {
		return group, false, err
	}
	yes, err = in.Communities.Moderates(ctx, in.DB, group, a.by)
	return group, yes, err
}

// deleteOther takes away an actor that a neighbour says is gone: its server must say so.
func (in *Inbox) deleteOther(ctx context.Context, a arrival, gone actors.Actor) (change, error) {
	if !federation.SameOrigin(gone.IRI, a.Actor) {
		return nil, refused("it is not theirs to delete")
	}
	if err := a.reach.gone(ctx, gone.IRI); err != nil {
		return nil, err
	}
	return in.markGone(gone), nil
}

// markGone also has erased, later, what the actor wrote.
func (in *Inbox) markGone(a actors.Actor) change {
	return func(ctx context.Context, tx storage.Tx) error {
		if a.Kind == actors.Group {
			if err := in.Communities.ReceiveEnd(ctx, tx, a); err != nil {
				return err
			}
		}
		if err := in.Directory.MarkGone(ctx, tx, a.ID); err != nil {
			return err
		}
		return departures.Elsewhere(ctx, tx, a.ID, in.Now())
	}
}

// deleter is who deletes a post: who says so, and that they may is for the rules to see.
// When a neighbour of its author does, their server is asked, and speaks for the author.
func (in *Inbox) deleter(ctx context.Context, a arrival) (actors.Actor, error) {
	author, err := authorOf(ctx, in.DB, a.Object.ID)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && author == a.by.ID:
		return a.by, nil
	case err != nil:
		return a.by, err
	case !federation.SameOrigin(a.Object.ID, a.Actor):
		return a.by, nil
	}
	if err := a.reach.gone(ctx, a.Object.ID); err != nil {
		return a.by, err
	}
	return in.anyActor(ctx, author)
}

// anyActor finds somebody by number, also if they are gone.
func (in *Inbox) anyActor(ctx context.Context, id actors.ID) (actors.Actor, error) {
	a, err := in.Directory.ByID(ctx, id)
	if fault.Is(err, fault.Gone) {
		err = nil
	}
	return a, err
}

func (in *Inbox) deletion(d posts.Deletion) change {
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.ReceiveDelete(ctx, tx, d)
		return err
	}
}
