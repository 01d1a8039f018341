package posts

import (
	"context"
	"fmt"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// mostAncestors bounds how far up a thread is fetched.
const mostAncestors = 20

// mostAudience bounds in how many places the community of a fetched post is looked for.
const mostAudience = 3

// Wanted is a post that may not be here.
type Wanted struct {
	IRI       string
	Community *actors.Actor // the Group elsewhere that shows it as its own; nil: none does
	Thread    string        // the collection, or the post it answers, that is said to hold it; "": nobody says so
}

// Fetch gets a post from its server, with its parents, and keeps it. One that is
// here is given as it is, if everybody may see it. It asks the network: never call it in a transaction.
func (s *Service) Fetch(ctx context.Context, iri string) (Post, error) {
	came, err := s.Bring(ctx, Wanted{IRI: iri})
	if err != nil {
		return Post{}, err
	}
	if len(came) > 0 {
		iri = came[0].ID
	}
	return s.ByIRI(ctx, access.Reader{}, iri)
}

// Bring fetches and keeps what is not here of a post and its parents, and gives it: the
// post first, then its parents. It asks the network: never call it in a transaction.
func (s *Service) Bring(ctx context.Context, w Wanted) ([]vocab.Note, error) {
	chain, err := s.fetchUp(ctx, w.IRI)
	if err != nil {
		return nil, err
	}
	if len(chain) == 0 {
		return nil, s.shown(ctx, w)
	}
	if err := s.belongs(ctx, chain, w.Thread); err != nil {
		return nil, err
	}
	if w.Community != nil {
		chain[0].Community, chain[0].Announced = w.Community, true
	}
	// Parents first. What hangs on a parent that we may not keep waits for it.
	came := make([]vocab.Note, len(chain))
	for i := len(chain) - 1; i >= 0; i-- {
		came[i] = chain[i].Note
		if err := s.keep(ctx, chain[i]); err != nil && (i == 0 || fault.KindOf(err) == fault.Internal) {
			return nil, err
		}
	}
	return came, nil
}

// shown notes that a community shows a post that is here.
func (s *Service) shown(ctx context.Context, w Wanted) error {
	if w.Community == nil {
		return nil
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		err := s.ReceiveShare(ctx, tx, *w.Community, w.IRI)
		if fault.Is(err, fault.NotFound) {
			return nil // one of ours that is not there
		}
		return err
	})
}

// belongs refuses what others say to be of a thread and does not say so itself: by its
// context, by what it answers, or by hanging on what is here.
func (s *Service) belongs(ctx context.Context, chain []In, thread string) error {
	if thread == "" {
		return nil
	}
	for _, in := range chain {
		if in.Note.Context == thread || in.Note.InReplyTo == thread {
			return nil
		}
	}
	if parent := chain[len(chain)-1].Note.InReplyTo; parent != "" {
		if known, err := s.Known(ctx, s.db, parent); err != nil || known {
			return err
		}
	}
	return fault.New(fault.Forbidden, "This post does not say that it is of this thread.")
}

// fetchUp fetches what is not here, from a post to its ancestors. A parent that
// cannot be had ends it without an error.
func (s *Service) fetchUp(ctx context.Context, iri string) ([]In, error) {
	var chain []In
	for next := iri; next != "" && len(chain) <= mostAncestors; {
		known, err := s.Known(ctx, s.db, next)
		if err != nil {
			return nil, err
		}
		again := func(in In) bool { return in.Note.ID == next }
		if known || s.iris.Local(next) || slices.ContainsFunc(chain, again) {
			break
		}
		in, err := s.fetchOne(ctx, next)
		if err != nil && len(chain) == 0 {
			return nil, err
		}
		if err != nil {
			break
		}
		chain = append(chain, in)
		next = in.Note.InReplyTo
	}
	return chain, nil
}
func (s *Service) fetchOne(ctx context.Context, iri string) (In, error) {
	turn, err := s.Turn(ctx)
	if err != nil {
		return In{}, err
	}
	got, err := s.client.FetchObject(ctx, iri)
	if err != nil {
		return In{}, fmt.Errorf("fetch %s: %w", iri, err)
	}
	note, err := vocab.ReadNote(got.Body)
	if err != nil {
		return In{}, fmt.Errorf("read %s: %w", iri, err)
	}
	if !federation.SameOrigin(note.ID, note.AttributedTo) { // that other server is not asked who it is
		return In{}, fault.New(fault.Forbidden, "This post is not of its author's server.")
	}
	author, err := s.dir.Resolve(ctx, note.AttributedTo)
	if err != nil {
		return In{}, fmt.Errorf("author of %s: %w", iri, err)
	}
	in := In{Note: note, Author: author, Asked: turn}
	if note.InReplyTo == "" { // a reply is where its parent is
		in.Community = s.audienceOf(ctx, note)
	}
	return in, nil
}

// audienceOf finds the community of a fetched post, nil if it names none. One that is not
// known is asked for, and no more: its server is whichever the author chose.
func (s *Service) audienceOf(ctx context.Context, n vocab.Note) *actors.Actor {
	asked := false
	for _, name := range n.Audience[:min(len(n.Audience), mostAudience)] {
		c, err := s.dir.ByIRI(ctx, name)
		if fault.Is(err, fault.NotFound) && !asked {
			asked = true
			c, err = s.dir.Resolve(ctx, name)
		}
		if err == nil && c.Kind == actors.Group {
			return &c
		}
	}
	return nil
}

func (s *Service) keep(ctx context.Context, in In) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		_, err := s.Receive(ctx, tx, in)
		return err
	})
}
