package inbox

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/storage"
	"passerelles/text"
)

// blocked takes a Block: of one actor by another, or of somebody by who moderates a community.
func (in *Inbox) blocked(ctx context.Context, a arrival) (change, error) {
	return in.block(ctx, ruling{Activity: a.Activity, from: a})
}

func (in *Inbox) block(ctx context.Context, r ruling) (change, error) {
	if r.Target.ID != "" {
		return in.rule(ctx, r)
	}
	if r.Actor != "" && r.Actor != r.from.Actor {
		return nil, refused("it takes back what somebody else did")
	}
	target, err := in.ours(ctx, r.from.reach, r.Object.ID)
	if err != nil {
		return nil, err
	}
	if r.undo {
		return in.orRemember(r.from, r.ID, func(ctx context.Context, tx storage.Tx) (bool, error) {
			return in.Accounts.ReceiveUnblock(ctx, tx, r.from.by, target)
		}), nil
	}
	return in.unlessUndone(r.from, func(ctx context.Context, tx storage.Tx) error {
		return in.Accounts.ReceiveBlock(ctx, tx, r.from.by, target)
	}), nil
}

// ban shuts somebody out of a community, and with removeData what they posted there.
func (in *Inbox) ban(ctx context.Context, r ruling) (change, error) {
	group := r.from.by
	if !r.announced() {
		found, err := false, error(nil)
		if group, found, err = r.from.reach.here(ctx, r.Target.ID); err != nil {
			return nil, err
		}
		if !found {
			return nil, ignored("it shuts out of what is not known here")
		}
	}
	switch {
	case r.announced() && r.Target.ID != "" && r.Target.ID != group.IRI:
		return nil, refused("a community shuts out of itself, and of no other")
	case group.Kind != actors.Group:
		return nil, ignored("whom a whole server shuts out is not followed")
	case group.Local():
		return in.banHere(ctx, r, group)
	}
	tell := in.telling(r, group, communities.Banned)
	return in.ruled(r, group, func(ctx context.Context, tx storage.Tx) (bool, error) {
		changed, err := tell(ctx, tx)
		if err != nil || r.undo || !r.RemoveData {
			return changed, err
		}
		return changed, in.removeAll(ctx, tx, r, group)
	}), nil
}

func (in *Inbox) removeAll(ctx context.Context, tx storage.Tx, r ruling, group actors.Actor) error {
	who, found, err := r.from.reach.here(ctx, r.Object.ID)
	if err != nil || !found {
		return err
	}
	return in.Posts.RemoveAllBy(ctx, tx, group, who.ID, r.at())
}

// banHere shuts somebody out of a community of ours, or lets them in again, by the word of an
// animator who lives elsewhere.
func (in *Inbox) banHere(ctx context.Context, r ruling, group actors.Actor) (change, error) {
	who, found, err := r.from.reach.here(ctx, r.Object.ID)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, ignored("it shuts out somebody who is not known here")
	}
	b := communities.Ban{Community: group.ID, Who: who.ID, By: r.from.by.ID, Reason: text.Excerpt(r.Summary, 500), Removed: r.RemoveData}
	if !r.EndTime.IsZero() {
		until := r.EndTime.UTC().Truncate(time.Microsecond)
		if b.Until = &until; !until.After(in.Now()) && !r.undo {
			return nil, ignored("it is over already")
		}
	}
	told := communities.Told{IRI: r.from.ID, Type: r.from.Type, Body: r.from.Raw}
	return in.ruled(r, group, func(ctx context.Context, tx storage.Tx) (bool, error) {
		if r.undo {
			return in.Communities.Unban(ctx, tx, b, told)
		}
		return in.Moderation.ReceiveBan(ctx, tx, b, told)
	}), nil
}
