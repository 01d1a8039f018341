package posts

import (
	"context"
	"errors"
	"strings"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Reaction is a Like, or the Undo of one, that came in.
type Reaction struct {
	By          actors.Actor // who likes
	Post        string       // IRI
	Like        string       // IRI of the Like; may be empty in an Undo
	Activity    []byte       // the Like or the Undo
	ActivityIRI string
	Reported    *actors.Actor // the Group on whose word we have it; nil: its author's own
	Emoji       string        // what it says besides, "" for a plain like
	Exact       bool          // an Undo: only of the like of this very IRI, since there may be others
}

// longestEmoji is of one sign or of one :name:, in bytes.
const longestEmoji = 64

// emoji is what of a reaction is kept.
func (l Reaction) emoji() string {
	if e := text.OneLine(l.Emoji); len(e) <= longestEmoji {
		return strings.ReplaceAll(e, "\x00", "")
	}
	return ""
}

func (l Reaction) reported() actors.ID {
	if l.Reported == nil {
		return 0
	}
	return l.Reported.ID
}

func (l Reaction) like(t target, at time.Time) like {
	return like{Post: t.ID, Who: l.By.ID, IRI: l.Like, Reported: l.reported(), At: at, Emoji: l.emoji()}
}

// credible says whether who reports a like can know of it: the community of the
// post. One of others that is in none may yet turn out to be in it; a member's
// stays where the member put it.
func (l Reaction) credible(t target) bool {
	return l.Reported == nil || t.Community == l.Reported.ID || t.Community == 0 && !t.Local
}

// ReceiveLike counts a like, also one that comes before its post. What a Group
// reported becomes its author's own when the author says so.
func (s *Service) ReceiveLike(ctx context.Context, tx storage.Tx, l Reaction) error {
	t, deleted, err := liked(ctx, tx, l.Post)
	switch {
	case err != nil || deleted:
		return err
	case t == nil && s.iris.Local(l.Post):
		return fault.New(fault.NotFound, "This post does not exist.")
	case t == nil:
		return insertEarlyLike(ctx, tx, l, s.now())
	}
	if !l.credible(*t) {
		return fault.New(fault.Forbidden, "A community tells who likes its own posts, and no others.")
	}
	if err := s.mayReact(ctx, tx, l.By, *t); err != nil {
		return err
	}
	if err := access.RefuseBlocked(ctx, tx, t.Author, l.By.ID); err != nil {
		return err
	}
	if disliked, err := endDislike(ctx, tx, l.like(*t, s.now())); err != nil || disliked {
		return err // its author's own word stands against a community's
	}
	changed, err := insertLike(ctx, tx, l.like(*t, s.now()))
	if err != nil || !changed {
		return err
	}
	if err := s.tellLiked(ctx, tx, *t, l.By); err != nil {
		return err
	}
	if t.waits() && l.Reported == nil {
		return insertEarlyLike(ctx, tx, l, s.now())
	}
	return s.announceReaction(ctx, tx, *t, l, "Like")
}

// mayReact is for who may see the post, and has not been refused by its community.
func (s *Service) mayReact(ctx context.Context, tx storage.Tx, by actors.Actor, t target) error {
	if !shown(t.Scope) {
		sees, err := access.CanSee(ctx, tx, access.Reader{ID: by.ID}, t.item())
		if err != nil {
			return err
		}
		if !sees {
			return fault.New(fault.NotFound, "This post does not exist.")
		}
	}
	if t.Community != 0 && t.GroupHost == 0 {
		return s.communities.MayPublish(ctx, tx, t.Community, by)
	}
	return nil
}

// ReceiveUnlike takes a like back; found tells whether there was one. A Group
// takes back only what it reported itself.
func (s *Service) ReceiveUnlike(ctx context.Context, tx storage.Tx, l Reaction) (found bool, err error) {
	t, deleted, err := liked(ctx, tx, l.Post)
	if err != nil || deleted {
		return deleted, err
	}
	if t == nil {
		return deleteEarlyLike(ctx, tx, l)
	}
	undone := like{Post: t.ID, Who: l.By.ID, Reported: l.reported()}
	if l.Exact {
		undone.IRI = l.Like
	}
	found, err = deleteLike(ctx, tx, undone)
	if err == nil && found && t.waits() {
		_, err = deleteEarlyLike(ctx, tx, l)
	}
	if err != nil || !found {
		return found, err
	}
	return true, s.announceReaction(ctx, tx, *t, l, "Undo")
}

func (s *Service) announceReaction(ctx context.Context, tx storage.Tx, t target, l Reaction, kind string) error {
	circle, told := circleOf(t.Scope)
	if t.Community == 0 || t.GroupHost != 0 || !told || l.Reported != nil || l.Activity == nil {
		return nil
	}
	return s.communities.Announce(ctx, tx, t.group(), communities.What{Activity: l.Activity,
		ActivityIRI: l.ActivityIRI, ActivityType: kind, Object: t.IRI, Root: t.Root, At: s.now(), Circle: circle})
}

// earlyLikesStay is how long a like waits for its post.
const earlyLikesStay = 7 * 24 * time.Hour

// Sweep forgets likes whose post never came, old rumours, and what was purged long ago. It is for
// a scheduled run.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(deleteEarlyLikes(ctx, s.db, s.now().Add(-earlyLikesStay)), deleteRumours(ctx, s.db, s.now().Add(-rumoursStay)),
		deletePurged(ctx, s.db, s.now().Add(-purgedStay)), deleteKeys(ctx, s.db, s.now().Add(-keysStay)))
}
