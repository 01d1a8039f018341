package posts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
)

// Deletion is a Delete that came in.
type Deletion struct {
	By           actors.Actor // who deletes, established by the inbox
	IRI          string       // of the post
	Activity     []byte       // nil: nothing that a community of ours could pass on
	ActivityIRI  string
	ActivityType string // Delete
}

// ReceiveDelete blanks a post and remembers its IRI, so that it never comes
// back; known tells whether it was here.
func (s *Service) ReceiveDelete(ctx context.Context, tx storage.Tx, d Deletion) (known bool, err error) {
	f, err := lookup(ctx, tx, wanted{iri: d.IRI})
	if err != nil {
		return false, err
	}
	if f.post == nil {
		if !federation.SameOrigin(d.IRI, d.By.IRI) || s.iris.Local(d.IRI) {
			return false, fault.New(fault.Forbidden, "Only its own server can delete what we do not know.")
		}
		return false, insertTombstone(ctx, tx, d.IRI, s.now())
	}
	if err := s.mayDelete(ctx, tx, d.By.ID, *f.post); err != nil {
		return true, err
	}
	if f.post.DeletedAt != nil {
		return true, nil
	}
	if err := s.blank(ctx, tx, *f.post, s.now()); err != nil {
		return true, err
	}
	return true, s.announceDeletion(ctx, tx, *f.post, communities.What{Activity: d.Activity,
		ActivityIRI: d.ActivityIRI, ActivityType: d.ActivityType})
}

// mayDelete is for its author and for who animates its community here.
func (s *Service) mayDelete(ctx context.Context, tx storage.Tx, who actors.ID, t target) error {
	if who == t.Author {
		return nil
	}
	if t.Community != 0 && t.GroupHost == 0 {
		is, err := s.communities.IsAnimator(ctx, tx, t.Community, who)
		if err != nil {
			return err
		}
		if is {
			return s.communities.MayActOn(ctx, tx, t.Community, who, t.Author)
		}
	}
	return fault.New(fault.Forbidden, "Only its author or who animates its community deletes a post.")
}

func unlessGone(err error) error {
	if fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

// announceDeletion tells those who were told of the post by a community of ours.
func (s *Service) announceDeletion(ctx context.Context, tx storage.Tx, t target, w communities.What) error {
	if t.Community == 0 || t.GroupHost != 0 || !t.Announced {
		return nil
	}
	since := t.Published.Add(-time.Minute) // clocks differ
	circle, told := circleOf(t.Scope)
	if !told {
		return nil
	}
	if _, err := s.dir.ByID(ctx, t.Community); err != nil { // it is no more, and tells nothing
		return unlessGone(err)
	}
	w.Object, w.Root, w.At, w.Since, w.Circle = t.IRI, t.Root, s.now(), since, circle
	if w.Activity != nil {
		if err := s.communities.Announce(ctx, tx, t.group(), w); err != nil {
			return err
		}
	}
	if t.ParentIRI != "" || circle != communities.ForFollowers {
		return nil
	}
	again, err := s.communities.TimesRestored(ctx, tx, t.ID)
	if err != nil {
		return err
	}
	return s.communities.Unannounce(ctx, tx, t.group(),
		communities.Gone{Object: t.IRI, Root: t.Root, Again: again, At: s.now(), Since: since})
}
