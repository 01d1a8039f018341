package accounts

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// mostRequests bounds the requests that are shown at a time, the oldest of them.
const mostRequests = 100

// Requests gives those who ask to follow a member and wait for an answer, the first first.
func (s *Service) Requests(ctx context.Context, who actors.ID) ([]actors.Actor, error) {
	ids, err := waitingFor(ctx, s.db, who, mostRequests)
	if err != nil {
		return nil, err
	}
	known, err := s.dir.ByIDs(ctx, ids)
	var all []actors.Actor
	for _, id := range ids {
		if a, ok := known[id]; ok && !a.Gone {
			all = append(all, a)
		}
	}
	return all, err
}

// AnswerRequest accepts or declines such a request, and tells the asker's server.
func (s *Service) AnswerRequest(ctx context.Context, who, asker actors.ID, accepted bool) error {
	me, err := s.dir.ByID(ctx, who)
	if err != nil {
		return err
	}
	by, err := s.dir.ByID(ctx, asker)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error { return s.answerRequest(ctx, tx, by, me, accepted) })
	if err == nil {
		s.poke()
	}
	return err
}

// EndFollower ends somebody's follow of a member, and tells their server; without one it changes
// nothing.
func (s *Service) EndFollower(ctx context.Context, who actors.ID, follower actors.Actor) error {
	me, err := s.dir.ByID(ctx, who)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		f, err := s.dir.FollowOf(ctx, tx, who, follower.ID)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		ended, err := s.dir.EndFollow(ctx, tx, who, follower.ID)
		if err != nil || !ended || follower.Local() {
			return err
		}
		return s.answer(ctx, tx, follower, me, followOf(f.IRI, follower, me), "Reject")
	})
	if err == nil {
		s.poke()
	}
	return err
}

func (s *Service) answerRequest(ctx context.Context, tx storage.Tx, by, me actors.Actor, accepted bool) error {
	f, err := s.dir.FollowOf(ctx, tx, me.ID, by.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if f.State != actors.Pending {
		return fault.New(fault.NotFound, "Nobody waits for this answer any more.")
	}
	if _, err := s.dir.AnswerFollow(ctx, tx, me.ID, by.ID, accepted); err != nil || by.Local() {
		return err
	}
	answer := "Reject"
	if accepted {
		answer = "Accept"
	}
	return s.answer(ctx, tx, by, me, vocab.Activity{ID: f.IRI, Type: "Follow", Actor: by.IRI, Object: vocab.Link(me.IRI)}, answer)
}
