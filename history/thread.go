package history

import (
	"context"
	"fmt"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// post brings a post with its parents, then wants the rest of their thread.
func (s *Service) post(ctx context.Context, w want) error {
	group, err := s.group(ctx, w.Community)
	if err != nil {
		return err
	}
	came, err := s.Posts.Bring(ctx, posts.Wanted{IRI: w.IRI, Community: group, Thread: w.Thread})
	if err != nil || len(came) == 0 || w.Budget == 0 {
		return err
	}
	more := s.rest(came[len(came)-1], w.Budget)
	if w.Thread != "" { // its context was read where the post was found
		more = onlyReplies(more)
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error { return s.want(ctx, tx, more...) })
}

func onlyReplies(all []want) []want {
	var replies []want
	for _, w := range all {
		if w.Kind == kindReplies {
			replies = append(replies, w)
		}
	}
	return replies
}

// group is the community elsewhere that shows a post as its own, nil for none.
func (s *Service) group(ctx context.Context, id actors.ID) (*actors.Actor, error) {
	if id == 0 {
		return nil, nil // no community, and no error either
	}
	a, err := s.Directory.ByID(ctx, id)
	return &a, err
}

// thread looks in a post that is here for where the rest of its thread is.
func (s *Service) thread(ctx context.Context, w want) error {
	f, err := s.Client.FetchObject(ctx, w.IRI)
	if err != nil {
		return fmt.Errorf("fetch %s: %w", w.IRI, err)
	}
	note, err := vocab.ReadNote(f.Body)
	if err != nil {
		return fault.Wrap(fault.Invalid, "the other server answers something that is not a post", err)
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error { return s.want(ctx, tx, s.rest(note, w.Budget)...) })
}

// collection wants the posts of a thread, or the answers to a post. What is left of the
// budget is for the answers to answers; a context has them all.
func (s *Service) collection(ctx context.Context, w want) error {
	p := newPick(w.IRI, w.Budget)
	_, err := s.walk(ctx, w.IRI, func(items []vocab.Ref) (bool, error) {
		ids := make([]string, 0, len(items))
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		fresh, err := s.unknown(ctx, ids)
		for _, id := range fresh {
			p.add(id)
		}
		return p.full(), err
	})
	if err != nil && len(p.ids) == 0 {
		return err
	}
	budget := 0
	if w.Kind == kindReplies {
		budget = w.Budget
	}
	more := answers(p, w.Thread, budget)
	return s.DB.Write(ctx, func(tx storage.Tx) error { return s.want(ctx, tx, more...) })
}

// answers wants the posts of a list; what they leave of the budget is for answers to them.
func answers(p *pick, thread string, budget int) []want {
	more := make([]want, 0, len(p.ids))
	for _, id := range p.ids {
		more = append(more, want{Kind: kindPost, IRI: id, Thread: thread, Budget: max(0, (budget-len(p.ids))/len(p.ids))})
	}
	return more
}
