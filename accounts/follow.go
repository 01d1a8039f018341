package accounts

import (
	"context"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/storage"
)

// Follow asks to follow a person or a community, and gives the state of the
// follow: "accepted" or "pending". Ours that approve nobody accept at once;
// asking others again sends the same Follow again.
func (s *Service) Follow(ctx context.Context, who actors.ID, target actors.Actor) (string, error) {
	if target.ID == who {
		return "", fault.New(fault.Invalid, "Nobody follows themselves.")
	}
	if target.Kind == actors.Application || target.Gone {
		return "", fault.New(fault.Invalid, "This cannot be followed.")
	}
	if target.Local() && target.Access.Closed() {
		return "", fault.New(fault.Forbidden, "This community is joined, not followed.")
	}
	by, err := s.dir.ByID(ctx, who)
	if err != nil {
		return "", err
	}
	var state actors.State
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		state, err = s.follow(ctx, tx, by, target)
		return err
	})
	if err != nil {
		return "", err
	}
	s.poke()
	return string(state), nil
}

func (s *Service) follow(ctx context.Context, tx storage.Tx, by, target actors.Actor) (actors.State, error) {
	was, err := s.dir.FollowOf(ctx, tx, target.ID, by.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if was.State == actors.Accepted {
		return was.State, nil
	}
	if err := access.RefuseBlocked(ctx, tx, target.ID, by.ID); err != nil {
		return "", err
	}
	if err := access.RefuseBanned(ctx, tx, target.ID, by.ID, s.now()); err != nil {
		return "", err
	}
	if err := access.RefuseBlocked(ctx, tx, by.ID, target.ID); err != nil {
		return "", fault.New(fault.Invalid, "You have blocked this person: take that back first.")
	}
	now := s.now()
	f := actors.Follow{Followee: target.ID, Follower: by.ID, State: actors.Pending,
		IRI: s.iris.NewActivity(), AskedAt: now}
	if target.Local() && !target.Approves {
		f.State, f.AnsweredAt = actors.Accepted, now
	}
	if err := s.dir.SetFollow(ctx, tx, f); err != nil {
		return f.State, err
	}
	if target.Local() {
		return f.State, s.tellFollowed(ctx, tx, f, target)
	}
	return f.State, s.send(ctx, tx, outbox.Audience{To: []actors.ID{target.ID}}, by, followOf(f.IRI, by, target))
}

func followOf(iri string, by, target actors.Actor) vocab.Activity {
	return vocab.Activity{ID: iri, Type: "Follow", Actor: by.IRI, Object: vocab.Link(target.IRI), To: []string{target.IRI}}
}

// Unfollow ends a follow; the Undo holds the Follow, which some servers do not
// find by its id alone. Without a follow it changes nothing.
func (s *Service) Unfollow(ctx context.Context, who actors.ID, target actors.Actor) error {
	by, err := s.dir.ByID(ctx, who)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error { return s.unfollow(ctx, tx, by, target) })
	if err != nil {
		return err
	}
	s.poke()
	return nil
}

func (s *Service) unfollow(ctx context.Context, tx storage.Tx, by, target actors.Actor) error {
	was, err := s.dir.FollowOf(ctx, tx, target.ID, by.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	changed, err := s.dir.EndFollow(ctx, tx, target.ID, by.ID)
	if err != nil || !changed || target.Local() {
		return err
	}
	if target.Kind == actors.Group {
		if err := s.left(ctx, tx, target.ID, by.ID); err != nil {
			return err
		}
	}
	inner, err := followOf(was.IRI, by, target).Embed()
	if err != nil {
		return err
	}
	return s.send(ctx, tx, outbox.Audience{To: []actors.ID{target.ID}}, by, vocab.Activity{Type: "Undo",
		Object: inner, To: []string{target.IRI}})
}

// ReceiveFollow lets somebody elsewhere follow a person of ours, and answers
// each time it is asked: who asks again has not had the answer. Whom the person
// has blocked is answered no; who lives on a server that is silenced waits.
func (s *Service) ReceiveFollow(ctx context.Context, tx storage.Tx, by, target actors.Actor, follow vocab.Activity) error {
	if by.Local() || by.Kind == actors.Application {
		return fault.New(fault.Forbidden, "Such an actor cannot follow a person.")
	}
	blocked, err := access.Blocked(ctx, tx, target.ID, by.ID)
	if err != nil {
		return err
	}
	if blocked {
		return s.answer(ctx, tx, by, target, follow, "Reject")
	}
	now := s.now()
	f := actors.Follow{Followee: target.ID, Follower: by.ID, State: actors.Accepted, IRI: follow.ID,
		AskedAt: now, AnsweredAt: now}
	waits, err := access.FromSilenced(ctx, tx, by.ID)
	if err != nil {
		return err
	}
	if target.Approves || waits {
		f.State = actors.Pending
	}
	if err := s.dir.SetFollow(ctx, tx, f); err != nil {
		return err
	}
	if err := s.tellFollowed(ctx, tx, f, target); err != nil || f.State == actors.Pending {
		return err
	}
	return s.answer(ctx, tx, by, target, follow, "Accept")
}

// tellFollowed tells a member that somebody follows them, or asks to.
func (s *Service) tellFollowed(ctx context.Context, tx storage.Tx, f actors.Follow, target actors.Actor) error {
	if target.Kind == actors.Group {
		return nil
	}
	kind := notifications.Followed
	if f.State == actors.Pending {
		kind = notifications.Asked
	}
	return s.mails.Tell(ctx, tx, notifications.Notice{Kind: kind, By: f.Follower}, f.Followee)
}

// answer carries the Follow, since not everybody finds it by its id.
func (s *Service) answer(ctx context.Context, tx storage.Tx, by, target actors.Actor, follow vocab.Activity, yesOrNo string) error {
	asked, err := follow.Named().Embed()
	if err != nil {
		return err
	}
	return s.send(ctx, tx, outbox.Audience{To: []actors.ID{by.ID}}, target, vocab.Activity{Type: yesOrNo,
		Object: asked, To: []string{by.IRI}})
}

// ReceiveUnfollow ends such a follow; ended tells whether there was one.
func (s *Service) ReceiveUnfollow(ctx context.Context, tx storage.Tx, by, target actors.Actor) (ended bool, err error) {
	return s.dir.EndFollow(ctx, tx, target.ID, by.ID)
}

// Answer is an Accept or a Reject of a Follow.
type Answer struct {
	FollowIRI string
	Follower  actors.ID // 0 if the answer does not name it
	Accepted  bool
}

// FollowAnswered records what the followee (by) answered to a follow of ours. It
// is found by its IRI or, if that is unknown or empty, by its follower. Only what
// is pending is accepted: an answer that comes late revives nothing. It gives the follower.
func (s *Service) FollowAnswered(ctx context.Context, tx storage.Tx, by actors.Actor, a Answer) (follower actors.ID, err error) {
	f, err := s.answered(ctx, tx, by, a)
	if err != nil {
		return 0, err
	}
	if f.Followee != by.ID || f.State == actors.Ended {
		return 0, fault.New(fault.Forbidden, "This answers to nothing that was asked of this actor.")
	}
	_, err = s.dir.AnswerFollow(ctx, tx, f.Followee, f.Follower, a.Accepted)
	return f.Follower, err
}

func (s *Service) answered(ctx context.Context, tx storage.Tx, by actors.Actor, a Answer) (actors.Follow, error) {
	if a.FollowIRI != "" {
		f, err := s.dir.FollowByIRI(ctx, tx, a.FollowIRI)
		if err == nil || !fault.Is(err, fault.NotFound) {
			return f, err
		}
	}
	if a.Follower == 0 {
		asked, err := outbox.ActivityByIRI(ctx, tx, a.FollowIRI) // before it was asked again
		if fault.Is(err, fault.NotFound) || err == nil && asked.Type != "Follow" {
			return actors.Follow{}, fault.New(fault.NotFound, "There is no such follow.")
		}
		if err != nil {
			return actors.Follow{}, err
		}
		a.Follower = asked.Actor
	}
	return s.dir.FollowOf(ctx, tx, by.ID, a.Follower)
}
