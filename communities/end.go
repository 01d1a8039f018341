package communities

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/outbox"
	"passerelles/storage"
)

// Delete has an owner end a community for ever; typed is its name, so that it is no slip. Its
// members are told, and every server that ever had anything of it. What people wrote stays
// theirs: what was for everybody goes on being read, of what was for members each author keeps
// their own. Its name is given to nobody again.
func (s *Service) Delete(ctx context.Context, owner, community actors.ID, typed string) error {
	return s.living(ctx, community, func(tx storage.Tx, group actors.Actor) error {
		if err := s.requireOwner(ctx, tx, community, owner); err != nil {
			return err
		}
		if !strings.EqualFold(strings.TrimPrefix(strings.TrimSpace(typed), "@"), group.Name) {
			return fault.New(fault.Invalid, "Type the name of the community as it stands here.")
		}
		if err := s.tell(ctx, tx, Notice{Community: community, Kind: NoticeDeleted, Words: group.DisplayName()}, membersHere); err != nil {
			return err
		}
		if err := s.sayDelete(ctx, tx, group); err != nil {
			return err
		}
		if err := s.dropPicture(ctx, tx, community); err != nil {
			return err
		}
		if err := s.dir.MarkGone(ctx, tx, community); err != nil {
			return err
		}
		if err := endCommunity(ctx, tx, community, s.now()); err != nil { // after: who was a member until then knows of it
			return err
		}
		return jobs.Add(ctx, tx, endedKind, strconv.FormatInt(int64(community), 10), nil, s.now())
	})
}

// sayDelete tells those who follow, who belong to it, who did, and who asks to.
func (s *Service) sayDelete(ctx context.Context, tx storage.Tx, group actors.Actor) error {
	a := vocab.Activity{ID: s.iris.NewActivity(), Type: "Delete", Actor: group.IRI, Object: vocab.Link(group.IRI),
		To: []string{vocab.Public}, Cc: []string{group.Followers}, Published: s.now()}
	level, err := access.LevelOf(ctx, tx, group.ID)
	if err != nil {
		return err
	}
	if level == actors.Confidential {
		a.To, a.Cc = []string{group.Followers}, nil
	}
	asking, err := askingAway(ctx, tx, group.ID)
	if err != nil {
		return err
	}
	body, err := s.dir.Prove(ctx, tx, group.ID, a)
	if err != nil {
		return err
	}
	to := outbox.Audience{To: asking, FollowersOf: []actors.ID{group.ID}, MembersOf: group.ID, FormerSince: group.Published}
	return outbox.Send(ctx, tx, to, outbox.Activity{IRI: a.ID, Type: a.Type, Object: group.IRI, Actor: group.ID, Body: body,
		Thread: int64(group.ID), Published: a.Published})
}

// eraseSaid blanks what a community that is no more told of what its people wrote.
func (s *Service) eraseSaid(ctx context.Context, j jobs.Job) error {
	group, err := s.jobGroup(ctx, j)
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	if err := outbox.EraseBy(ctx, s.db, group.ID); err != nil {
		return fmt.Errorf("erase what %s said: %w", group.IRI, err)
	}
	return nil
}

// ReceiveEnd takes that a community elsewhere is no more, before it is marked so: its members
// here are told, and are so no longer.
func (s *Service) ReceiveEnd(ctx context.Context, tx storage.Tx, group actors.Actor) error {
	if err := s.tell(ctx, tx, Notice{Community: group.ID, Kind: NoticeDeleted, Words: group.DisplayName()}, membersHere); err != nil {
		return err
	}
	return endCommunity(ctx, tx, group.ID, s.now())
}
