package server

import (
	"context"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/storage"
)

// RotateKeys gives an actor of ours new keys and tells its followers, with the new keys:
// who does not know them finds them in its document.
func (s *Server) RotateKeys(ctx context.Context, by acts.By, id actors.ID) (actors.Actor, error) {
	var a actors.Actor
	err := s.DB.Write(ctx, func(tx storage.Tx) (err error) {
		if a, err = s.Directory.RotateKeys(ctx, tx, id); err != nil {
			return err
		}
		if err := acts.Record(ctx, tx, acts.Act{At: s.now(), Kind: acts.RotateKeys, By: by, Target: id}); err != nil {
			return err
		}
		switch a.Kind {
		case actors.Group:
			return s.Communities.SendUpdate(ctx, tx, a)
		case actors.Person:
			return s.Accounts.SendUpdate(ctx, tx, a)
		}
		return nil // nobody follows the server itself
	})
	return a, err
}

// RotateAllKeys does so for all, one after the other; told hears of each.
func (s *Server) RotateAllKeys(ctx context.Context, by acts.By, told func(actors.Actor)) error {
	for last := actors.ID(0); ; {
		ids, err := s.Directory.LocalAfter(ctx, last)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			a, err := s.RotateKeys(ctx, by, id)
			if err != nil {
				return err
			}
			told(a)
			last = id
		}
	}
}
