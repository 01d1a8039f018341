package posts

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

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
	Quoting In     // the post that quotes, which By wrote
	Request string // id of the activity that asks
}

// ReceiveQuoteRequest answers by the policy that the post itself shows: whom its author lets
// may quote it, in what everybody may read, so that the author may. The post that quotes is kept,
// and its author told. Asked again, the same leave is given again, but none that was taken back.
func (s *Service) ReceiveQuoteRequest(ctx context.Context, tx storage.Tx, q QuoteRequest) error {
	t, err := s.asked(ctx, tx, q)
	if err != nil {
		return err
	}
	request, err := q.again().Embed()
	if err != nil {
		return err
	}
	answer := vocab.Activity{ID: s.iris.NewActivity(), Type: "Reject", To: []string{q.By.IRI}, Published: s.now(), Object: request}
	id, err := s.lets(ctx, tx, q, t)
	if err != nil {
		return err
	}
	if id != 0 {
		answer.Type, answer.Result = "Accept", vocab.Link(s.iris.Quote(t.ID, id))
	}
	if err := s.sayAsAuthor(ctx, tx, t, outbox.Audience{To: []actors.ID{q.By.ID}}, answer); err != nil || id == 0 {
		return err
	}
	_, _, err = s.receiveBeside(ctx, tx, q.Quoting) // though nobody here may follow who wrote it
	return err
}

// asked finds the post of ours, which is not there for whom may not see it.
func (s *Service) asked(ctx context.Context, tx storage.Tx, q QuoteRequest) (target, error) {
	t, deleted, err := liked(ctx, tx, q.Post)
	if err != nil {
		return target{}, err
	}
	if t == nil || deleted || !t.Local {
		return target{}, fault.New(fault.NotFound, noPost)
	}
	sees, err := access.CanSee(ctx, tx, access.Reader{ID: q.By.ID}, t.item())
	if err == nil && !sees {
		err = fault.New(fault.NotFound, noPost)
	}
	return *t, err
}

// lets gives the id of the leave; 0: there is none.
func (s *Service) lets(ctx context.Context, tx storage.Tx, q QuoteRequest, t target) (int64, error) {
	err := s.mayQuote(ctx, tx, q.By.ID, t)
	if fault.Is(err, fault.Forbidden) || err == nil && !shown(scopeOf(q.Quoting.Note, nil)) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	id, ended, err := insertQuote(ctx, tx, quote{ID: storage.NewID(s.now()), Post: t.ID, Quoting: q.Quoting.Note.ID}, q.By.ID, s.now())
	if ended {
		id = 0
	}
	return id, err
}

var errBeside = errors.New("not taken beside something else")

// receiveBeside takes a post that something else brought along, if nothing stands against it: what is refused leaves
// no trace. What is new in a community of ours comes by its own activity alone, which has to pass
// that community's rules.
func (s *Service) receiveBeside(ctx context.Context, tx storage.Tx, in In) (p Post, kept bool, err error) {
	known, err := s.Known(ctx, tx, in.Note.ID)
	if err != nil {
		return Post{}, false, err
	}
	err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) (err error) {
		p, err = s.Receive(ctx, tx, in)
		if err == nil && !known && p.Community != nil && p.Community.Local() {
			err = errBeside
		}
		return err
	})
	if errors.Is(err, errBeside) || err != nil && fault.KindOf(err) != fault.Internal {
		return Post{}, false, nil
	}
	return p, err == nil, err
}

// again is the request as our answer names it: without the post that quotes, which is
// not ours to tell.
func (q QuoteRequest) again() vocab.Activity {
	return vocab.Activity{ID: q.Request, Type: "QuoteRequest", Actor: q.By.IRI, Object: vocab.Link(q.Post), Instrument: vocab.Link(q.Quoting.Note.ID)}
}

// sayAsAuthor says something in the name of who wrote a post of ours.
func (s *Service) sayAsAuthor(ctx context.Context, tx storage.Tx, t target, to outbox.Audience, what vocab.Activity) error {
	what.Actor = s.iris.Actor(int64(t.Author))
	body, err := what.Encode()
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, to, outbox.Activity{IRI: what.ID, Type: what.Type,
		Object: t.IRI, Actor: t.Author, Body: body, Thread: t.Root, Published: what.Published})
}

// QuoteAuthorization is the leave that a post has to quote one of ours, fault.NotFound where
// there is none, or the quoted post is not for everybody any more.
func (s *Service) QuoteAuthorization(ctx context.Context, post, id int64) (vocab.Note, error) {
	p, err := s.ByID(ctx, access.Reader{}, post)
	if err != nil {
		return vocab.Note{}, err
	}
	if !p.Local || !shown(p.Scope) {
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
		if err := s.tellEnded(ctx, tx, t, q, outbox.Audience{To: []actors.ID{q.To}}); err != nil {
			return err
		}
	}
	return nil
}

// tellEnded tells that leave is no more.
func (s *Service) tellEnded(ctx context.Context, tx storage.Tx, t target, q given, to outbox.Audience) error {
	leave, err := s.leave(quote{ID: q.ID, Post: t.ID, Quoting: q.Quoting}, t.Author, t.IRI).Embed()
	if err != nil {
		return err
	}
	over := vocab.Activity{ID: s.iris.NewActivity(), Type: "Delete", To: []string{q.ToIRI}, Published: s.now(), Object: leave}
	if len(to.FollowersOf) > 0 {
		over.To = append(over.To, vocab.Public)
	}
	return s.sayAsAuthor(ctx, tx, t, to, over)
}
