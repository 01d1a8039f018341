package communities

import (
	"context"
	"strconv"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/storage"
)

// SetAccess has an owner open a community or keep it for its members, from then on: what was
// said before stays for those for whom it was said. None becomes confidential, or is so no
// more. When one closes, who follows it goes on following what is for everybody, and is asked
// once whether they want to join.
func (s *Service) SetAccess(ctx context.Context, owner, community actors.ID, to actors.Access) error {
	if to != actors.Open && to != actors.ForMembers {
		return fault.New(fault.Invalid, noSuchLevel)
	}
	return s.living(ctx, community, func(tx storage.Tx, group actors.Actor) error {
		if err := s.requireOwner(ctx, tx, community, owner); err != nil {
			return err
		}
		is, err := access.LevelOf(ctx, tx, community)
		switch {
		case err != nil || is == to:
			return err
		case is == actors.Confidential:
			return fault.New(fault.Forbidden, noSuchLevel)
		}
		if err := updateAccess(ctx, tx, community, to); err != nil {
			return err
		}
		open := to == actors.Open
		a, err := s.dir.UpdateLocal(ctx, tx, community, actors.Profile{Title: group.Title, Summary: group.Summary, Source: group.Source,
			Icon: group.Icon, Approves: group.Approves, Discoverable: open, Indexable: open})
		if err != nil {
			return err
		}
		if err := s.SendUpdate(ctx, tx, a); err != nil {
			return err
		}
		if open {
			return deleteNoticesOf(ctx, tx, community, NoticeClosed)
		}
		return s.askToJoin(ctx, tx, a)
	})
}

const noSuchLevel = "A community is opened to everybody, or kept for its members; a confidential one stays so, and no other becomes it."

// askToJoin asks who follows without being a member: ours by a notice, the others by a note.
func (s *Service) askToJoin(ctx context.Context, tx storage.Tx, group actors.Actor) error {
	if err := s.tell(ctx, tx, Notice{Community: group.ID, Kind: NoticeClosed}, followersHere); err != nil {
		return err
	}
	return jobs.Add(ctx, tx, closedKind, strconv.FormatInt(int64(group.ID), 10), nil, s.now())
}
