package moderation

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// Ban has somebody of ours who animates a community keep a person out of it, and tells those who
// see what is said there, and the person's server. One that lives elsewhere does so by itself.
func (s *Service) Ban(ctx context.Context, b communities.Ban) error {
	if err := s.Communities.CheckBan(b); err != nil {
		return err
	}
	return s.aboutPerson(ctx, b, s.sayBlock, func(ctx context.Context, tx storage.Tx, told communities.Told) error {
		_, err := s.ReceiveBan(ctx, tx, b, told)
		return err
	})
}

// ReceiveBan does it by the word of who animates the community, here or elsewhere.
func (s *Service) ReceiveBan(ctx context.Context, tx storage.Tx, b communities.Ban, told communities.Told) (changed bool, err error) {
	if changed, err = s.Communities.Ban(ctx, tx, b, told); err != nil || !changed || !b.Removed {
		return changed, err
	}
	group, err := s.Directory.ByID(ctx, b.Community)
	if err != nil {
		return true, err
	}
	return true, s.Posts.RemoveAllBy(ctx, tx, group, b.Who, s.Now())
}

// Unban ends a ban. What was taken away stays so until it is restored, each post by itself.
func (s *Service) Unban(ctx context.Context, by, community, who actors.ID) error {
	b, err := s.Communities.BanOf(ctx, s.DB, community, who)
	if err != nil {
		return err
	}
	b.By = by
	return s.aboutPerson(ctx, b, s.sayUnblock, func(ctx context.Context, tx storage.Tx, told communities.Told) error {
		was, err := s.Communities.Unban(ctx, tx, b, told)
		if err == nil && !was {
			err = fault.New(fault.Conflict, "This ban has ended meanwhile.")
		}
		return err
	})
}

// aboutPerson signs what an animator says about a person, does it, and sends it to their server:
// what their community announces may not reach it any more.
func (s *Service) aboutPerson(ctx context.Context, b communities.Ban,
	say func(b communities.Ban, by, who, group actors.Actor) (vocab.Activity, error),
	do func(ctx context.Context, tx storage.Tx, told communities.Told) error) error {
	by, err := s.Directory.ByID(ctx, b.By)
	if err != nil {
		return err
	}
	group, err := s.Directory.ByID(ctx, b.Community)
	if err != nil {
		return err
	}
	who, err := s.Directory.ByID(ctx, b.Who)
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	a, err := say(b, by, who, group)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx storage.Tx) error {
		body, err := s.Directory.Prove(ctx, tx, by.ID, a)
		if err != nil {
			return err
		}
		var to []actors.ID
		if group.Local() {
			err = do(ctx, tx, communities.Told{IRI: a.ID, Type: a.Type, Body: body})
		} else {
			to = append(to, group.ID)
			err = s.Communities.RequireModerator(ctx, tx, group, by)
		}
		if err != nil {
			return err
		}
		knew, err := s.Communities.Knew(ctx, tx, group.ID, who.ID)
		if err != nil {
			return err
		}
		if knew {
			to = append(to, who.ID)
		}
		return outbox.Send(ctx, tx, outbox.Audience{To: to}, outbox.Activity{IRI: a.ID, Type: a.Type, Object: who.IRI,
			Actor: by.ID, Body: body, Thread: int64(who.ID), Published: a.Published})
	})
	if err == nil {
		s.Poke()
	}
	return err
}

// sayBlock makes the activity in the words of Lemmy and its kin.
func (s *Service) sayBlock(b communities.Ban, by, who, group actors.Actor) (vocab.Activity, error) {
	a := vocab.Activity{ID: s.IRIs.NewActivity(), Type: "Block", Actor: by.IRI, Object: vocab.Link(who.IRI), Target: vocab.Link(group.IRI),
		Audience: []string{group.IRI}, Summary: b.Reason, RemoveData: b.Removed, Published: s.Now().UTC().Truncate(time.Microsecond)}
	a.To, a.Cc = []string{vocab.Public}, []string{group.IRI, who.IRI}
	if group.Access.Closed() {
		a.To, a.Cc = []string{group.Followers}, []string{group.IRI, who.IRI}
	}
	if b.Until != nil {
		a.EndTime = b.Until.UTC().Truncate(time.Second)
	}
	return a, nil
}

// sayUnblock takes the Block back; it carries it, as it was told.
func (s *Service) sayUnblock(b communities.Ban, by, who, group actors.Actor) (vocab.Activity, error) {
	block, err := s.sayBlock(b, by, who, group)
	if err != nil {
		return block, err
	}
	undo := block
	undo.ID, undo.Type, undo.Target, undo.Summary, undo.RemoveData, undo.EndTime = s.IRIs.NewActivity(), "Undo", vocab.Ref{}, "", false, time.Time{}
	if block.Published = b.Since; b.Activity != "" { // else another told it, in a community elsewhere
		block.ID = b.Activity
	}
	undo.Object, err = block.Embed()
	return undo, err
}
