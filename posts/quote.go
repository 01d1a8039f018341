package posts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// QuoteRequest is that somebody asks to quote a post of ours.
type QuoteRequest struct {
	By      actors.Actor
	Post    string // IRI of ours
	Quoting string // IRI of the post that quotes, of By's server
	Request string // id of the activity that asks
}

// quotable says who may quote a post unasked: everybody what is public. To say nothing is to
// let nobody.
func quotable(p Post) []string {
	if p.Scope == Public {
		return []string{vocab.Public}
	}
	return nil
}

// ReceiveQuoteRequest answers by the policy that the post itself shows: what is public may be
// quoted by whom its author has not blocked. Asked again, the same leave is given again.
func (s *Service) ReceiveQuoteRequest(ctx context.Context, tx storage.Tx, q QuoteRequest) error {
	t, deleted, err := liked(ctx, tx, q.Post)
	if err != nil {
		return err
	}
	if t == nil || deleted || !t.Local {
		return fault.New(fault.NotFound, noPost)
	}
	sees, err := access.CanSee(ctx, tx, access.Reader{ID: q.By.ID}, t.item())
	if err != nil {
		return err
	}
	if !sees {
		return fault.New(fault.NotFound, noPost)
	}
	blocked, err := access.Blocked(ctx, tx, t.Author, q.By.ID)
	if err != nil {
		return err
	}
	request, err := q.again().Embed()
	if err != nil {
		return err
	}
	answer := vocab.Activity{ID: s.iris.NewActivity(), Type: "Reject", To: []string{q.By.IRI}, Published: s.now(), Object: request}
	if t.Scope == Public && !blocked {
		id, err := insertQuote(ctx, tx, quote{ID: storage.NewID(s.now()), Post: t.ID, Quoting: q.Quoting}, q.By.ID, s.now())
		if err != nil {
			return err
		}
		answer.Type, answer.Result = "Accept", vocab.Link(s.iris.Quote(t.ID, id))
	}
	return s.answerAsAuthor(ctx, tx, *t, q.By.ID, answer)
}

// again is the request as our answer names it: without the post that quotes, which is
// not ours to keep.
func (q QuoteRequest) again() vocab.Activity {
	return vocab.Activity{ID: q.Request, Type: "QuoteRequest", Actor: q.By.IRI, Object: vocab.Link(q.Post), Instrument: vocab.Link(q.Quoting)}
}

func (s *Service) answerAsAuthor(ctx context.Context, tx storage.Tx, t target, to actors.ID, answer vocab.Activity) error {
	author := s.iris.Actor(int64(t.Author))
	answer.Actor = author
	body, err := answer.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{to}}, outbox.Activity{IRI: answer.ID, Type: answer.Type,
		Object: t.IRI, Actor: t.Author, Body: body, Thread: t.Root, Published: answer.Published})
}

// QuoteAuthorization is the leave that a post has to quote one of ours, fault.NotFound where
// there is none, or the quoted post is not for everybody any more.
func (s *Service) QuoteAuthorization(ctx context.Context, post, id int64) (vocab.Note, error) {
	p, err := s.ByID(ctx, access.Reader{}, post)
	if err != nil {
		return vocab.Note{}, err
	}
	if !p.Local || p.Scope != Public {
		return vocab.Note{}, fault.New(fault.NotFound, noPost)
	}
	q, err := quoteByID(ctx, s.db, post, id)
	if err != nil {
		return vocab.Note{}, err
	}
	return s.leave(q, p.Author.ID, p.IRI), nil
}

func (s *Service) leave(q quote, author actors.ID, quoted string) vocab.Note {
	return vocab.Note{ID: s.iris.Quote(q.Post, q.ID), Type: "QuoteAuthorization", AttributedTo: s.iris.Actor(int64(author)),
		InteractingObject: q.Quoting, InteractionTarget: quoted}
}

// endQuotes takes back the leave to quote a post of ours that is gone. Those who asked for it
// need not follow anybody here, so that no other Delete may reach them.
func (s *Service) endQuotes(ctx context.Context, tx storage.Tx, t target, all []given) error {
	for _, q := range all {
		leave, err := s.leave(quote{ID: q.ID, Post: t.ID, Quoting: q.Quoting}, t.Author, t.IRI).Embed()
		if err != nil {
			return err
		}
		over := vocab.Activity{ID: s.iris.NewActivity(), Type: "Delete", To: []string{q.ToIRI}, Published: s.now(), Object: leave}
		if err := s.answerAsAuthor(ctx, tx, t, q.To, over); err != nil {
			return err
		}
	}
	return nil
}
