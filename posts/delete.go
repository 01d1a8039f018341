package posts

import (
	"context"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/storage"
)

// Delete deletes a post, by its author or by an animator of its community here.
// Deleting again changes nothing.
func (s *Service) Delete(ctx context.Context, who actors.ID, id int64) error {
	return s.delete(ctx, who, id, false)
}

// Redraft deletes a post that its author is about to write anew: its files wait for that some hours.
func (s *Service) Redraft(ctx context.Context, author actors.ID, id int64) error {
	return s.delete(ctx, author, id, true)
}

func (s *Service) delete(ctx context.Context, who actors.ID, id int64, anew bool) error {
	p, err := s.ByID(ctx, access.Reader{ID: who}, id)
	if fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	by, err := s.dir.ByID(ctx, who)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if anew && by.ID == p.Author.ID && s.media != nil {
			if err := s.media.Loosen(ctx, tx, by.ID, p.ID); err != nil {
				return err
			}
		}
		return s.remove(ctx, tx, by, p)
	})
	if err != nil {
		return err
	}
	s.poke()
	return nil
}

func (s *Service) remove(ctx context.Context, tx storage.Tx, by actors.Actor, p Post) error {
	f, err := lookup(ctx, tx, wanted{iri: p.IRI})
	if err != nil {
		return err
	}
	if f.post == nil || f.post.DeletedAt != nil {
		return nil
	}
	if err := s.mayDelete(ctx, tx, by.ID, *f.post); err != nil {
		return err
	}
	now := s.now()
	if err := s.blank(ctx, tx, *f.post, now); err != nil {
		return err
	}
	if f.post.Held {
		return nil // nobody was told of it
	}
	said := s.sayDelete(by, p, now)
	if by.ID != p.Author.ID {
		err := s.communities.Record(ctx, tx, communities.Ruling{Community: f.post.Community, By: by.ID, Act: communities.Erase,
			Activity: said.what.ID, Post: p.ID, Person: p.Author.ID, At: now})
		if err != nil {
			return err
		}
	}
	if err := s.send(ctx, tx, said); err != nil || by.ID == p.Author.ID || !p.Local {
		return err
	}
	// Those who follow its author, one of ours, do not believe an animator: the
	// post is gone from its own server, which tells so in the author's name.
	p.Announced = false
	return s.send(ctx, tx, s.sayDelete(p.Author, p, now))
}

// blank leaves nothing of a post but its place, nor of the leave to quote it.
func (s *Service) blank(ctx context.Context, tx storage.Tx, t target, at time.Time) error {
	var quotes []given
	if t.Local {
		var err error
		if quotes, err = quotesOf(ctx, tx, t.ID); err != nil {
			return err
		}
		if s.media != nil {
			if err := s.media.Unhang(ctx, tx, t.ID); err != nil {
				return err
			}
		}
	}
	if err := blankPost(ctx, tx, t, at); err != nil {
		return err
	}
	copied, err := hasEchoes(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	if copied {
		if err := jobs.Add(ctx, tx, echoKind, t.IRI, nil, at); err != nil {
			return err
		}
	}
	return s.endQuotes(ctx, tx, t, quotes)
}
