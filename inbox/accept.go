package inbox

import (
	"context"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
	"passerelles/storage"
)

// accept takes the answer that we may follow or quote, or that a reply of ours may stand.
func (in *Inbox) accept(ctx context.Context, a arrival) (change, error) {
	asked, err := in.asksToQuote(ctx, a)
	switch {
	case err != nil:
		return nil, err
	case asked && a.Result.ID == "":
		return nil, refused("it does not say what allows the quote")
	case asked:
		return in.quoteAnswer(a, a.Result.ID), nil
	case in.IRIs.PostID(a.Object.ID) != 0:
		return in.approval(ctx, a)
	case a.by.Kind == actors.Application:
		return in.purged(a), nil
	}
	return in.answered(ctx, a, true)
}

// approval takes that somebody allows a reply of ours to a post of theirs (GoToSocial).
func (in *Inbox) approval(ctx context.Context, a arrival) (change, error) {
	reply, err := in.Posts.ByIRI(ctx, access.Reader{ID: a.by.ID}, a.Object.ID)
	if err != nil {
		return nil, orEnd(err)
	}
	approved := posts.Approval{By: a.by, Reply: reply, IRI: a.Result.ID}
	if approved.IRI == "" {
		approved.IRI = a.ID // until its version 0.19, the Accept itself was the proof
	}
	return func(ctx context.Context, tx storage.Tx) error { return in.Posts.ReceiveApproval(ctx, tx, approved) }, nil
}

// answered finds which Follow of ours is answered: by its id, or by who follows whom.
// That the followee answers, and only once, is for the rules to see.
func (in *Inbox) answered(_ context.Context, a arrival, accepted bool) (change, error) {
	answer, joins := accounts.Answer{FollowIRI: a.Object.ID, Accepted: accepted}, false
	if a.Object.Raw != nil {
		d, err := a.Object.Document()
		if err != nil {
			return nil, refused("what it answers cannot be read")
		}
		follow, err := d.Activity()
		if err != nil || follow.Type != "Follow" && follow.Type != "Join" {
			return nil, ignored("it answers something else than a Follow")
		}
		joins = follow.Type == "Join"
		if follow.Object.ID != "" && follow.Object.ID != a.Actor {
			return nil, refused("it answers for somebody else")
		}
		answer.Follower = actors.ID(in.IRIs.ActorID(follow.Actor))
	}
	if answer.Follower == 0 && !in.IRIs.Local(answer.FollowIRI) {
		return nil, ignored("it answers nothing of ours")
	}
	return func(ctx context.Context, tx storage.Tx) error {
		who, err := in.Accounts.FollowAnswered(ctx, tx, a.by, answer)
		if err != nil {
			return err
		}
		if a.by.Kind == actors.Group {
			err = in.Communities.ReceiveAnswer(ctx, tx, communities.Answered{Group: a.by, Who: who, Join: joins, Accepted: accepted})
		}
		if err != nil || !accepted {
			return err
		}
		return in.History.Followed(ctx, tx, a.by)
	}, nil
}
