package posts

import (
	"context"
	"fmt"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// mostAncestors bounds how far up a thread is fetched.
const mostAncestors = 20

// mostAudience bounds in how many places the community of a fetched post is
// looked for: each may be a question to a server that its author chose.
const mostAudience = 3

// Fetch gets a post from its server, with its parents, and keeps it. One that is
// here is given as it is, if everybody may see it. It asks the network: never call it in a transaction.
func (s *Service) Fetch(ctx context.Context, iri string) (Post, error) {
	chain, err := s.fetchUp(ctx, iri)
	if err != nil {
		return Post{}, err
	}
	// Parents first. What hangs on a parent that we may not keep waits for it.
	for i := len(chain) - 1; i >= 0; i-- {
		if err := s.keep(ctx, chain[i]); err != nil && (i == 0 || fault.KindOf(err) == fault.Internal) {
			return Post{}, err
		}
	}
	return s.ByIRI(ctx, access.Reader{}, iri)
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
	got, err := s.client.FetchObject(ctx, iri)
	if err != nil {
		return In{}, fmt.Errorf("fetch %s: %w", iri, err)
	}
	note, err := vocab.ReadNote(got.Body)
	if err != nil {
		return In{}, fmt.Errorf("read %s: %w", iri, err)
	}
	author, err := s.dir.Resolve(ctx, note.AttributedTo)
	if err != nil {
		return In{}, fmt.Errorf("author of %s: %w", iri, err)
	}
	in := In{Note: note, Author: author}
	for _, name := range note.Audience[:min(len(note.Audience), mostAudience)] {
		if c, err := s.dir.Resolve(ctx, name); err == nil && c.Kind == actors.Group {
			in.Community = &c
			break
		}
	}
	return in, nil
}

func (s *Service) keep(ctx context.Context, in In) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		_, err := s.Receive(ctx, tx, in)
		return err
	})
}
