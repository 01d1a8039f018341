package posts

import (
	"context"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/storage"
)

// QuoteGiven is leave to quote a post of ours.
type QuoteGiven struct {
	ID      int64
	Quoting string // IRI of the post that quotes
	Post    *Post  // it; nil: it is not here, or not for the author
}

var errNotQuoted = fault.New(fault.NotFound, "Nothing quotes this so.")

// QuotesGiven gives the leaves to quote a post to who wrote it, the latest first.
func (s *Service) QuotesGiven(ctx context.Context, author actors.ID, id int64) ([]QuoteGiven, error) {
	p, err := s.quoted(ctx, author, id)
	if err != nil {
		return nil, err
	}
	all, err := leavesOf(ctx, s.db, p.ID)
	if err != nil {
		return nil, err
	}
	var here []int64
	for _, q := range all {
		here = append(here, q.Post)
	}
	found, err := s.ByIDs(ctx, access.Reader{ID: author}, here)
	if err != nil {
		return nil, err
	}
	list := make([]QuoteGiven, len(all))
	for i, q := range all {
		list[i] = QuoteGiven{ID: q.ID, Quoting: q.Quoting}
		for j := range found {
			if found[j].ID == q.Post {
				list[i].Post = &found[j]
			}
		}
	}
	return list, nil
}

func (s *Service) quoted(ctx context.Context, author actors.ID, id int64) (Post, error) {
	p, err := s.ByID(ctx, access.Reader{ID: author}, id)
	if err == nil && (p.Author.ID != author || !p.Local) {
		err = fault.New(fault.Forbidden, "Only its author decides who quotes a post.")
	}
	return p, err
}

// Part is which part of a list is wanted; Oldest is of what follows After, the newest first all the same.
type Part struct {
	Before, After int64 // ids of posts; 0: no bound
	Oldest        bool
	Limit         int
}

// QuotesOf gives the posts that quote one and that the reader may see, the latest first.
func (s *Service) QuotesOf(ctx context.Context, r access.Reader, id int64, part Part) ([]Post, error) {
	p, err := s.ByID(ctx, r, id)
	if err != nil {
		return nil, err
	}
	ids, err := quotesOfPost(ctx, s.db, r, p.ID, part)
	if err != nil {
		return nil, err
	}
	if part.Oldest {
		slices.Reverse(ids)
	}
	return s.ByIDs(ctx, r, ids)
}

// TakeBackQuoteBy is TakeBackQuote of the leave that a post here has.
func (s *Service) TakeBackQuoteBy(ctx context.Context, author actors.ID, id, quoting int64) error {
	if _, err := s.quoted(ctx, author, id); err != nil {
		return err
	}
	by, err := s.ByID(ctx, access.Reader{ID: author}, quoting)
	if err != nil {
		return err
	}
	q, err := quoteFor(ctx, s.db, id, by.IRI)
	if err == nil && (q.ID == 0 || q.Ended) {
		err = errNotQuoted
	}
	if err != nil {
		return err
	}
	return s.TakeBackQuote(ctx, author, id, q.ID)
}

// TakeBackQuote ends leave to quote a post of the author's, for good: it is not given again
// to the same post. Who shows the quote is told.
func (s *Service) TakeBackQuote(ctx context.Context, author actors.ID, id, leave int64) error {
	p, err := s.quoted(ctx, author, id)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		t, err := s.standing(ctx, tx, p.IRI)
		if err != nil {
			return err
		}
		return s.takeBack(ctx, tx, t, leave)
	})
	if err == nil {
		s.poke()
	}
	return err
}

func (s *Service) takeBack(ctx context.Context, tx storage.Tx, t target, leave int64) error {
	q, err := endQuote(ctx, tx, t.ID, leave, s.now())
	if err != nil {
		return err
	}
	ended, err := endLeave(ctx, tx, s.iris.Quote(t.ID, leave), t.Author)
	if err != nil {
		return err
	}
	to := outbox.Audience{FollowersOf: []actors.ID{t.Author}}
	if q.To != 0 {
		to.To = append(to.To, q.To)
	}
	for _, e := range ended {
		if e.Local {
			to.FollowersOf = append(to.FollowersOf, e.Author)
		}
	}
	if err := s.tellEnded(ctx, tx, t, q, to); err != nil {
		return err
	}
	return s.retellAll(ctx, tx, ended)
}

// retellAll has others told how posts of ours stand, now that what they quote is no more to be shown.
func (s *Service) retellAll(ctx context.Context, tx storage.Tx, all []changedQuote) error {
	for _, e := range all {
		if !e.Local {
			continue
		}
		if err := jobs.Add(ctx, tx, retellKind, keyOf(e.Post), nil, s.now()); err != nil {
			return err
		}
	}
	return nil
}

// ReceiveLeaveEnd takes that somebody elsewhere takes leave back to quote what they wrote; found
// tells whether anything here had it.
func (s *Service) ReceiveLeaveEnd(ctx context.Context, tx storage.Tx, by actors.ID, leave string) (found bool, err error) {
	ended, err := endLeave(ctx, tx, leave, by)
	if err != nil || len(ended) == 0 {
		return false, err
	}
	return true, s.retellAll(ctx, tx, ended)
}

// IsLeave says whether an address is that of leave by which something here quotes.
func (s *Service) IsLeave(ctx context.Context, iri string) (bool, error) {
	return isLeave(ctx, s.db, iri)
}

// QuoteAnswer is what somebody elsewhere answers to our asking to quote them.
type QuoteAnswer struct {
	By      actors.Actor
	Request string // IRI of our QuoteRequest
	Leave   string // address of what allows it; "": it is refused
}

// IsQuoteRequest says whether an IRI is that of a QuoteRequest of ours.
func (s *Service) IsQuoteRequest(ctx context.Context, iri string) (bool, error) {
	if !s.iris.Local(iri) {
		return false, nil
	}
	return isQuoteRequest(ctx, s.db, iri)
}

// ReceiveQuoteAnswer notes it, and tells our post again, with what allows its quote or without.
func (s *Service) ReceiveQuoteAnswer(ctx context.Context, tx storage.Tx, a QuoteAnswer) error {
	if a.Leave != "" && (federation.CheckIRI(a.Leave) != nil || !federation.SameOrigin(a.Leave, a.By.IRI)) {
		return fault.New(fault.Forbidden, "This leave is of another server.")
	}
	post, err := answerQuote(ctx, tx, a)
	if err != nil || post == 0 {
		return err
	}
	return jobs.Add(ctx, tx, retellKind, keyOf(post), nil, s.now())
}

// tellQuoters tells those of ours who quote a post that it reads otherwise now.
func (s *Service) tellQuoters(ctx context.Context, tx storage.Tx, iri string, author actors.ID) error {
	if s.notices == nil {
		return nil
	}
	all, err := quotersHere(ctx, tx, iri)
	if err != nil {
		return err
	}
	for _, q := range all {
		n := notifications.Notice{Kind: notifications.Requoted, By: author, Community: actors.ID(q.Community), Post: q.Post}
		if err := s.notices.Tell(ctx, tx, n, q.Author); err != nil {
			return err
		}
	}
	return nil
}
