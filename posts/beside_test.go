package posts_test

import (
	"testing"

	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// TestWhatComesBeside: a post that a request to quote brings along, or that was fetched, comes into a community
// of ours by its own activity alone, and waits there like any first post.
func TestWhatComesBeside(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	check(t, tw.communities.SetPosting(ctx, tw.ana.ID, tw.makers.ID, communities.Posting{Who: communities.PostAll, FirstPosts: 1}))
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Text: "For all."})
	check(t, err)
	quoting := func(number string, to ...string) vocab.Note {
		n := note(tw.bob, number, "see this", append([]string{vocab.Public}, to...)...)
		n.QuoteOf = p.IRI
		check(t, tw.db.Write(ctx, func(tx storage.Tx) error {
			return tw.posts.ReceiveQuoteRequest(ctx, tx, posts.QuoteRequest{By: tw.bob, Post: p.IRI, Quoting: posts.In{Note: n, Author: tw.bob}, Request: n.ID + "/ask"})
		}))
		return n
	}
	kept := func(n vocab.Note) bool {
		known, err := tw.posts.Known(ctx, tw.db, n.ID)
		check(t, err)
		return known
	}
	if alone := quoting("1"); !kept(alone) {
		t.Error("what quotes by itself is not kept")
	}
	inside := quoting("2", tw.makers.IRI)
	if kept(inside) {
		t.Error("a request to quote brought a post into a community")
	}
	tw.receive(t, said(t, "Create", tw.bob, inside))
	if !tw.byIRIFor(t, tw.ana.ID, inside.ID).Held {
		t.Error("it does not wait when it comes")
	}
	fetched := note(tw.bob, "3", "fetched", vocab.Public, tw.makers.IRI)
	tw.receive(t, posts.In{Note: fetched, Author: tw.bob})
	tw.cleared(t)
	tw.receive(t, said(t, "Create", tw.bob, fetched))
	if got := tw.byIRIFor(t, tw.ana.ID, fetched.ID); !got.Held || got.Announced {
		t.Errorf("what was fetched before comes in: held %t, announced %t", got.Held, got.Announced)
	}
}
