package inbox

import (
	"context"

	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// share notes that a person shares a post. One that is not here is fetched from its origin if
// somebody here follows that person.
func (in *Inbox) share(ctx context.Context, a arrival) (change, error) {
	if len(a.Objects) != 1 || a.Objects[0].ID == "" {
		return nil, refused("it shares no single post")
	}
	iri := a.Objects[0].ID
	known, err := in.Posts.Known(ctx, in.DB, iri)
	if err != nil {
		return nil, err
	}
	fetched := change(nothing)
	if !known {
		if fetched, err = in.sharedPost(ctx, a, iri); err != nil {
			return nil, err
		}
	}
	return in.unlessUndone(a, func(ctx context.Context, tx storage.Tx) error {
		if err := fetched(ctx, tx); err != nil {
			return err
		}
		return in.Posts.ReceiveBoost(ctx, tx, a.by, iri, a.ID)
	}), nil
}

// sharedPost fetches a post of which we know nothing but that somebody shares it.
func (in *Inbox) sharedPost(ctx context.Context, a arrival, iri string) (change, error) {
	if in.IRIs.Local(iri) {
		return nil, ignored("there is no such post of ours")
	}
	if followed, err := followedHere(ctx, in.DB, a.by.ID); err != nil || !followed {
		return nil, orIgnored(err, "nobody here follows who shares it")
	}
	n, err := a.reach.note(ctx, vocab.Link(iri), "")
	if err != nil {
		return nil, err
	}
	if n.ID != iri {
		return nil, refused("it shares something under another id")
	}
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
	came, err := a.reach.quotes(ctx, a, posts.In{Note: n, Author: author, Asked: a.reach.asked})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, tx storage.Tx) error {
		_, err := in.Posts.Receive(ctx, tx, came)
		return err
	}, nil
}

func orIgnored(err error, why string) error {
	if err != nil {
		return err
	}
	return ignored(why)
}

// unshare ends it, whether the Announce is known by its id or by what it shares.
func (in *Inbox) unshare(a arrival, announce, post string) change {
	return in.orRemember(a, announce, func(ctx context.Context, tx storage.Tx) (bool, error) {
		return in.Posts.ReceiveUnboost(ctx, tx, a.by.ID, post, announce)
	})
}
