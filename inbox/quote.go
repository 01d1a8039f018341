package inbox

import (
	"context"
	"errors"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// quoteRequest answers whether a post of ours may be quoted (FEP-044f). The post that quotes is
// read: who is quoted is to know where.
func (in *Inbox) quoteRequest(ctx context.Context, a arrival) (change, error) {
	if in.IRIs.PostID(a.Object.ID) == 0 {
		return nil, ignored("it is about no post of ours")
	}
	if !federation.SameOrigin(a.Instrument.ID, a.Actor) {
		return nil, refused("what quotes is not of its actor's server")
	}
	n, err := a.reach.note(ctx, a.Instrument, a.Actor)
	switch {
	case err != nil:
		return nil, err
	case n.AttributedTo != a.Actor:
		return nil, refused("somebody else wrote what quotes")
	case n.ID != a.Instrument.ID || n.QuoteOf != a.Object.ID:
		return nil, refused("it quotes something else")
	}
	quoting := in.Posts.Clean(posts.In{Note: n, Author: a.by, Asked: a.reach.asked})
	return func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveQuoteRequest(ctx, tx, posts.QuoteRequest{By: a.by, Post: a.Object.ID, Quoting: quoting, Request: a.ID})
	}, nil
}

// quoteAnswer takes that we may quote a post, or may not.
func (in *Inbox) quoteAnswer(a arrival, leave string) change {
	return func(ctx context.Context, tx storage.Tx) error {
		return in.Posts.ReceiveQuoteAnswer(ctx, tx, posts.QuoteAnswer{By: a.by, Request: a.Object.ID, Leave: leave})
	}
}

// asksToQuote says whether what is answered is a QuoteRequest of ours.
func (in *Inbox) asksToQuote(ctx context.Context, a arrival) (bool, error) {
	if a.Object.Raw != nil && a.Object.Type != "QuoteRequest" {
		return false, nil
	}
	return in.Posts.IsQuoteRequest(ctx, a.Object.ID)
}

// quoteEnds takes that somebody takes back that they may be quoted.
func (in *Inbox) quoteEnds(a arrival, leave string) change {
	return func(ctx context.Context, tx storage.Tx) error {
		found, err := in.Posts.ReceiveLeaveEnd(ctx, tx, a.by.ID, leave)
		if err == nil && !found {
			err = ignored("it ends nothing that was allowed here")
		}
		return err
	}
}

// isLeave says whether an address is that of leave to quote, and of no post: somebody's answer may have named one
// for leave, and its author has to be able to delete it.
func (in *Inbox) isLeave(ctx context.Context, iri string) (bool, error) {
	leave, err := in.Posts.IsLeave(ctx, iri)
	if err != nil || !leave {
		return false, err
	}
	post, err := in.Posts.Known(ctx, in.DB, iri)
	return !post, err
}

// quotes sees that what a post quotes can be shown: that its author gave leave, and that it is here.
// It takes three fetches at most, and nothing is asked of what that quotes or answers in its turn. What
// cannot be verified does not keep the post out: its quote stays a link.
func (h *reach) quotes(ctx context.Context, a arrival, post posts.In) (posts.In, error) {
	n := post.Note
	if n.QuoteOf == "" || n.QuoteOf == n.ID || h.in.IRIs.Local(n.QuoteOf) {
		return post, nil
	}
	leave, err := h.leave(ctx, n)
	if err == nil && (leave.ID != "" || federation.SameOrigin(n.QuoteOf, n.ID)) {
		post.Leave = leave
		post.Quoted, err = h.quoted(ctx, n)
	}
	var over end
	if err == nil || errors.As(err, &over) || final(err) || !errors.Is(err, errSlow) && a.attempt >= 3 {
		return post, nil
	}
	return post, err
}

// leave reads what allows a post to quote, from who is quoted; none where nothing does.
func (h *reach) leave(ctx context.Context, n vocab.Note) (vocab.Note, error) {
	if n.QuoteApproval == "" || !federation.SameOrigin(n.QuoteApproval, n.QuoteOf) {
		return vocab.Note{}, nil
	}
	d, err := h.object(ctx, n.QuoteApproval)
	if err != nil {
		return vocab.Note{}, err
	}
	leave, err := d.Note()
	if err != nil || leave.Type != "QuoteAuthorization" || leave.InteractingObject != n.ID || leave.InteractionTarget != n.QuoteOf {
		return vocab.Note{}, refused("this allows something else")
	}
	return leave, nil
}

// quoted fetches what a post quotes, nil if it is here.
func (h *reach) quoted(ctx context.Context, n vocab.Note) (*posts.In, error) {
	if known, err := h.knows(ctx, n.QuoteOf); err != nil || known {
		return nil, err
	}
	quoted, err := h.note(ctx, vocab.Link(n.QuoteOf), "")
	if err != nil {
		return nil, err
	}
	if quoted.ID != n.QuoteOf {
		return nil, refused("it quotes something under another id")
	}
	author, err := h.actor(ctx, quoted.AttributedTo)
	if err != nil {
		return nil, err
	}
	return &posts.In{Note: quoted, Author: author, Asked: h.asked}, nil
}
