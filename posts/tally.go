package posts

import (
	"context"
	"strconv"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/notifications"
	"passerelles/storage"
)

// tally tells others how a poll of ours stands.
func (s *Service) tally(ctx context.Context, j jobs.Job) error {
	p, err := s.polled(ctx, j)
	if err != nil || p.Poll == nil || !p.Local || p.Poll.Hidden() || p.Poll.Over { // its end tells
		return err
	}
	if err := s.db.Write(ctx, func(tx storage.Tx) error { return s.tellAsItStands(ctx, tx, p) }); err != nil {
		return err
	}
	s.poke()
	return nil
}

// endPoll tells that a poll is over: others, if it is ours, and those of ours who asked or voted.
func (s *Service) endPoll(ctx context.Context, j jobs.Job) error {
	p, err := s.polled(ctx, j)
	if err != nil || p.Poll == nil || p.Poll.EndsAt == nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if !p.Poll.Over { // its server gave it more time
			return jobs.Add(ctx, tx, pollEndKind, j.Key, nil, *p.Poll.EndsAt)
		}
		if p.Local {
			if err := s.tellAsItStands(ctx, tx, p); err != nil {
				return err
			}
		}
		return s.tellEnd(ctx, tx, p)
	})
	if err == nil {
		s.poke()
	}
	return err
}

func (s *Service) tellEnd(ctx context.Context, tx storage.Tx, p Post) error {
	who, err := votersHere(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Ended, By: p.Author.ID, Community: p.communityID(), Post: p.ID},
		append(who, p.Author.ID)...)
}

// polled gives the post of a job as its author sees it; the zero Post if it is no more.
func (s *Service) polled(ctx context.Context, j jobs.Job) (Post, error) {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return Post{}, jobs.Abandon(err)
	}
	author, err := askerOf(ctx, s.db, id)
	if err != nil {
		return Post{}, orGone(err)
	}
	p, err := s.ByID(ctx, access.Reader{ID: author}, id)
	return p, orGone(err)
}

// orGone is nil for what is not there any more.
func orGone(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

// tellAsItStands sends a post of ours again, as no later version: its poll, its quote, or who may quote it.
func (s *Service) tellAsItStands(ctx context.Context, tx storage.Tx, p Post) error {
	if p.Held {
		return nil // nobody was told of it yet
	}
	if p.Announced {
		removed, err := isRemoved(ctx, tx, p.IRI)
		if err != nil {
			return err
		}
		p.Announced = !removed
	}
	update, err := s.sayPost(ctx, tx, "Update", p, s.now())
	if err != nil {
		return err
	}
	return s.send(ctx, tx, update)
}

// Voted is what a member chose in a poll.
type Voted struct {
	Post    string   `json:"post"` // IRI
	Choices []string `json:"choices"`
}

// VotesBy gives all that somebody chose in polls, the oldest first.
func (s *Service) VotesBy(ctx context.Context, who actors.ID) ([]Voted, error) {
	return votesBy(ctx, s.db, who)
}
