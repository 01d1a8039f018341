package posts

import (
	"context"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/storage"
)

// Boost is a post that somebody shares with those who follow them.
type Boost struct {
	ID   int64
	Post int64
	By   actors.ID
	IRI  string // of the Announce
	At   time.Time
}

// errInside: what is not for everybody goes no further than it was meant to.
var errInside = fault.New(fault.Forbidden, "Only what is for everybody can be shared.")

// Boost shares a post with those who follow a member; twice changes nothing.
func (s *Service) Boost(ctx context.Context, who actors.ID, id int64) error {
	return s.react(ctx, who, id, s.boost)
}

// Unboost takes that back; without it, it changes nothing.
func (s *Service) Unboost(ctx context.Context, who actors.ID, id int64) error {
	return s.react(ctx, who, id, s.unboost)
}

func (s *Service) boost(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, t target) error {
	if err := s.mayBoost(ctx, tx, by, t); err != nil {
		return err
	}
	now := s.now()
	b := Boost{ID: storage.NewID(now), Post: p.ID, By: by.ID, IRI: s.iris.NewActivity(), At: now}
	fresh, err := insertBoost(ctx, tx, b)
	if err != nil || !fresh {
		return err
	}
	if err := s.tellBoosted(ctx, tx, t, b); err != nil {
		return err
	}
	return s.tellFollowers(ctx, tx, by, p, s.sayBoost(b, by, p))
}

// mayBoost is for what everybody sees: a boost never makes a circle wider.
func (s *Service) mayBoost(ctx context.Context, tx storage.Tx, by actors.Actor, t target) error {
	all, err := access.CanSee(ctx, tx, access.Reader{}, t.item())
	if err == nil && (!all || !shown(t.Scope)) {
		err = errInside
	}
	if err != nil {
		return err
	}
	return access.RefuseBlocked(ctx, tx, t.Author, by.ID)
}

func (s *Service) unboost(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, _ target) error {
	b, err := deleteBoost(ctx, tx, p.ID, by.ID)
	if err != nil || b == nil {
		return err
	}
	shared, err := s.sayBoost(*b, by, p).Embed()
	if err != nil {
		return err
	}
	undo := s.sayBoost(*b, by, p)
	undo.ID, undo.Type, undo.Object, undo.Published = s.iris.NewActivity(), "Undo", shared, s.now()
	return s.tellFollowers(ctx, tx, by, p, undo)
}

func (s *Service) sayBoost(b Boost, by actors.Actor, p Post) vocab.Activity {
	return vocab.Activity{ID: b.IRI, Type: "Announce", Actor: by.IRI, Object: vocab.Link(p.IRI), To: []string{vocab.Public},
		Cc: []string{by.Followers, p.Author.IRI}, Published: b.At}
}

// tellFollowers leaves the post's community out: it announces what it lets in by itself.
func (s *Service) tellFollowers(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, what vocab.Activity) error {
	_, err := s.put(ctx, tx, outbox.Audience{To: []actors.ID{p.Author.ID}, FollowersOf: []actors.ID{by.ID}},
		saying{post: p, by: by, what: what})
	return err
}

// tellBoosted tells a member that what they wrote is shared.
func (s *Service) tellBoosted(ctx context.Context, tx storage.Tx, t target, b Boost) error {
	if !t.Local {
		return nil
	}
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Boosted, By: b.By, Community: t.Community, Post: t.ID}, t.Author)
}

// ReceiveBoost notes that a person elsewhere shares a post that is here and is for everybody.
func (s *Service) ReceiveBoost(ctx context.Context, tx storage.Tx, by actors.Actor, post, announce string) error {
	t, deleted, err := liked(ctx, tx, post)
	if err != nil {
		return err
	}
	if deleted || t == nil {
		return fault.New(fault.NotFound, "This post does not exist.")
	}
	if err := s.mayBoost(ctx, tx, by, *t); err != nil {
		return err
	}
	now := s.now()
	b := Boost{ID: storage.NewID(now), Post: t.ID, By: by.ID, IRI: announce, At: now}
	fresh, err := insertBoost(ctx, tx, b)
	if err != nil || !fresh {
		return err
	}
	return s.tellBoosted(ctx, tx, *t, b)
}

// ReceiveUnboost ends the sharing of a post or, where that is "", of which the Announce is
// given; found tells whether there was one.
func (s *Service) ReceiveUnboost(ctx context.Context, tx storage.Tx, by actors.ID, post, announce string) (found bool, err error) {
	id, err := boostedPost(ctx, tx, by, post, announce)
	if err != nil || id == 0 {
		return false, err
	}
	b, err := deleteBoost(ctx, tx, id, by)
	return b != nil, err
}

// BoostByID gives a boost of a post that the reader may see; fault.NotFound if there is none.
func (s *Service) BoostByID(ctx context.Context, r access.Reader, id int64) (Boost, Post, error) {
	b, err := boostByID(ctx, s.db, id)
	if err != nil {
		return b, Post{}, err
	}
	p, err := s.ByID(ctx, r, b.Post)
	return b, p, err
}

// BoostOf gives somebody's boost of a post; fault.NotFound if there is none.
func (s *Service) BoostOf(ctx context.Context, post int64, who actors.ID) (Boost, error) {
	return boostOf(ctx, s.db, post, who)
}

// Likers gives who likes a post that the reader may see, the latest first. Whom the reader shuns is
// left out.
func (s *Service) Likers(ctx context.Context, r access.Reader, id int64, limit int) ([]actors.Actor, error) {
	return s.reacted(ctx, r, id, limit, likersOf)
}

// Boosters gives who shares it, likewise.
func (s *Service) Boosters(ctx context.Context, r access.Reader, id int64, limit int) ([]actors.Actor, error) {
	return s.reacted(ctx, r, id, limit, boostersOf)
}

func (s *Service) reacted(ctx context.Context, r access.Reader, id int64, limit int, which string) ([]actors.Actor, error) {
	p, err := s.ByID(ctx, r, id)
	if err != nil {
		return nil, err
	}
	ids, err := reactedTo(ctx, s.db, r, which, p.ID, limit)
	if err != nil {
		return nil, err
	}
	people, err := s.dir.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	all := make([]actors.Actor, 0, len(ids))
	for _, id := range ids {
		if a, ok := people[id]; ok && !a.Gone {
			all = append(all, a)
		}
	}
	return all, nil
}
