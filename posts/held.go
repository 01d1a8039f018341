package posts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/storage"
)

// holds says whether a new post waits to be let in; then its community announces nothing.
func (s *Service) holds(ctx context.Context, tx storage.Tx, p *Post) (bool, error) {
	if p.Community == nil || !p.Community.Local() || p.Scope == Direct {
		return false, nil
	}
	held, err := s.communities.Holds(ctx, tx, p.Community.ID, p.Author.ID)
	if held {
		p.Announced = false
	}
	return held, err
}

func (s *Service) hold(ctx context.Context, tx storage.Tx, p Post) error {
	if _, err := upsertMark(ctx, tx, Mark{Community: *p.Community, Post: p.IRI, Kind: Held, Holds: true, At: s.now()}, nil); err != nil {
		return err
	}
	animators, err := s.communities.Animators(ctx, tx, p.Community.ID)
	if err != nil {
		return err
	}
	var to []actors.ID
	for _, a := range animators {
		to = append(to, a.ID)
	}
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Held, By: p.Author.ID, Community: p.Community.ID, Ref: p.ID}, to...)
}

// HeldIn gives what waits in a community, the oldest first, to who animates it.
func (s *Service) HeldIn(ctx context.Context, animator, community actors.ID, limit int) ([]Post, error) {
	is, err := s.communities.IsAnimator(ctx, s.db, community, animator)
	if err != nil {
		return nil, err
	}
	if !is {
		return nil, fault.New(fault.Forbidden, onlyAnimators)
	}
	ids, err := heldIDs(ctx, s.db, community, limit)
	if err != nil {
		return nil, err
	}
	return s.ByIDs(ctx, access.Reader{ID: animator}, ids)
}

// CountHeld counts it.
func (s *Service) CountHeld(ctx context.Context, community actors.ID) (int, error) {
	return countHeld(ctx, s.db, community)
}

// admit lets a post in that waited, and has it told as if it had just been written.
func (s *Service) admit(ctx context.Context, tx storage.Tx, by actors.Actor, p Post, _ Ruling) error {
	if is, err := s.communities.IsAnimator(ctx, tx, p.Community.ID, by.ID); err != nil || !is || !p.Community.Local() {
		return whichever(err, fault.New(fault.Forbidden, onlyAnimators))
	}
	f, err := lookup(ctx, tx, wanted{iri: p.IRI})
	if err != nil {
		return err
	}
	if f.post == nil || f.post.DeletedAt != nil {
		return fault.New(fault.Gone, "This post was deleted.")
	}
	if !f.post.Held {
		return nil
	}
	now := s.now()
	if _, err := upsertMark(ctx, tx, Mark{Community: *p.Community, Post: p.IRI, Kind: Held, At: now}, nil); err != nil {
		return err
	}
	if err := markAnnounced(ctx, tx, p.ID); err != nil {
		return err
	}
	p.Announced = true
	err = s.communities.Record(ctx, tx, communities.Ruling{Community: p.Community.ID, By: by.ID, Act: communities.Admit, Post: p.ID,
		Person: p.Author.ID, At: now})
	if err != nil {
		return err
	}
	if err := s.tellAdmitted(ctx, tx, p); err != nil {
		return err
	}
	if err := s.notices.Posted(ctx, tx, p.ID); err != nil {
		return err
	}
	return s.addEchoes(ctx, tx, p)
}

// tellAdmitted announces what came in the bytes in which it came; of ours nobody was told yet.
func (s *Service) tellAdmitted(ctx context.Context, tx storage.Tx, p Post) error {
	if p.Local {
		if err := s.quoteAdmitted(ctx, tx, p); err != nil {
			return err
		}
		create, err := s.sayPost(ctx, tx, "Create", p, s.now())
		if err != nil {
			return err
		}
		if err := s.send(ctx, tx, create); err != nil {
			return err
		}
		return s.tellQuoted(ctx, tx, p)
	}
	came, err := documentOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	a, err := vocab.ReadActivity(came)
	if err != nil {
		return err
	}
	d, err := a.Object.Document()
	if err != nil {
		return err
	}
	n, err := d.Note()
	if err != nil {
		return err
	}
	in := In{Note: n, Author: p.Author, Activity: came, ActivityIRI: a.ID, ActivityType: a.Type, Told: s.iris.EchoID(n.InReplyTo) != 0}
	if p.spoken = in.toGroupAlone(p.Community); p.spoken {
		if err := s.speak(ctx, tx, p, "Create"); err != nil {
			return err
		}
		return s.tellQuoted(ctx, tx, p)
	}
	if err := s.letIn(ctx, tx, &p, in); err != nil {
		return err
	}
	return s.tellQuoted(ctx, tx, p)
}
