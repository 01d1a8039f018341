package inbox

import (
	"context"

	"passerelles/posts"
	"passerelles/storage"
)

// reject takes the answer that we may not follow, or no longer. A reply stands where it was
// let in, though the author of what it answers refuses it: it only loses what allowed it.
func (in *Inbox) reject(ctx context.Context, a arrival) (change, error) {
	asked, err := in.asksToQuote(ctx, a)
	switch {
	case err != nil:
		return nil, err
	case asked:
		return in.quoteAnswer(a, ""), nil
	case in.IRIs.PostID(a.Object.ID) != 0:
		return in.disapproval(posts.Approval{By: a.by, Reply: posts.Post{IRI: a.Object.ID}}), nil
	}
	return in.answered(ctx, a, false)
}

// leaves are the types of what allows somebody to do something with a post.
var leaves = []string{"QuoteAuthorization", "ReplyAuthorization", "LikeAuthorization", "AnnounceAuthorization",
	"ReplyApproval", "LikeApproval", "AnnounceApproval"}

// leaveEnds takes that such leave is taken back. We hold none but for replies and quotes: what is
// liked was never asked for.
func (in *Inbox) leaveEnds(a arrival) (change, error) {
	d, err := a.Object.Document()
	if err != nil {
		return nil, refused("its object cannot be read")
	}
	leave, err := d.Note()
	if err != nil {
		return nil, refused("its object cannot be read")
	}
	if leave.Type == "QuoteAuthorization" {
		return in.quoteEnds(a, leave.ID), nil
	}
	if leave.InteractingObject == "" || in.IRIs.PostID(leave.InteractingObject) == 0 {
		return nil, ignored("it allowed nothing of ours")
	}
	return in.disapproval(posts.Approval{By: a.by, Reply: posts.Post{IRI: leave.InteractingObject}, IRI: leave.ID}), nil
}

func (in *Inbox) disapproval(was posts.Approval) change {
	return func(ctx context.Context, tx storage.Tx) error {
		found, err := in.Posts.EndApproval(ctx, tx, was)
		if err == nil && !found {
			err = ignored("it ends nothing that was allowed here")
		}
		return err
	}
}
