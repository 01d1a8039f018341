package accounts

import (
	"context"

	"passerelles/actors"
)

// Administrators gives those who administer this server.
func (s *Service) Administrators(ctx context.Context) (all []actors.Actor, err error) {
	ids, err := administrators(ctx, s.db)
	if err != nil {
		return nil, err
	}
	known, err := s.dir.ByIDs(ctx, ids)
	for _, id := range ids {
		if a, found := known[id]; found {
			all = append(all, a)
		}
	}
	return all, err
}

// resembling notes for whom of the administrators those who wait may be taken.
func (s *Service) resembling(ctx context.Context, list []Waiting) ([]Waiting, error) {
	admins, err := s.Administrators(ctx)
	for i, w := range list {
		list[i].Like = actors.Resembled(actors.Actor{Name: w.Name, Title: w.Title}, admins)
	}
	return list, err
}
