package communities

import (
	"context"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Rename has an owner call a community otherwise, and tells it to those who follow. Its actor
// stays the same; its name of before leads to it, and is given to nobody else. A confidential
// community is given eight new characters behind the name.
func (s *Service) Rename(ctx context.Context, owner, community actors.ID, name string) (Community, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if !text.ValidName(name) {
		return Community{}, fault.New(fault.Invalid, noName)
	}
	err := s.living(ctx, community, func(tx storage.Tx, was actors.Actor) error {
		if err := s.requireOwner(ctx, tx, community, owner); err != nil {
			return err
		}
		level, err := access.LevelOf(ctx, tx, community)
		if err != nil {
			return err
		}
		if name == was.Name {
			return nil
		}
		full, err := nameFor(level, name)
		if err != nil {
			return err
		}
		renamed, err := s.dir.RenameLocal(ctx, tx, community, full)
		if err != nil {
			return err
		}
		return s.SendUpdate(ctx, tx, renamed)
	})
	if err != nil {
		return Community{}, err
	}
	return s.ByID(ctx, community)
}
