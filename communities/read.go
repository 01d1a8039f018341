package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
)

// ByName finds a community of ours by the name of its handle.
func (s *Service) ByName(ctx context.Context, name string) (Community, error) {
	a, err := s.dir.ByName(ctx, name)
	if err != nil {
		return Community{}, err
	}
	if a.Kind != actors.Group {
		return Community{}, fault.New(fault.NotFound, "There is no such community.")
	}
	return s.ByID(ctx, a.ID)
}

// ByID finds a community of ours.
func (s *Service) ByID(ctx context.Context, id actors.ID) (Community, error) {
	rows, err := communityRows(ctx, s.db, []actors.ID{id})
	if err != nil {
		return Community{}, err
	}
	all, err := s.fill(ctx, rows)
	if err != nil {
		return Community{}, err
	}
	if len(all) == 0 {
		return Community{}, fault.New(fault.NotFound, "There is no such community.")
	}
	return all[0], nil
}

// List gives the communities whose name comes after this one, at most limit.
func (s *Service) List(ctx context.Context, after string, limit int) ([]Community, error) {
	ids, err := listedIDs(ctx, s.db, after, limit)
	if err != nil {
		return nil, err
	}
	rows, err := communityRows(ctx, s.db, ids)
	if err != nil {
		return nil, err
	}
	return s.fill(ctx, rows)
}

// fill adds the actors; those that are gone are left out.
func (s *Service) fill(ctx context.Context, rows []communityRow) ([]Community, error) {
	ids := make([]actors.ID, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.Actor)
	}
	known, err := s.dir.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []Community
	for _, r := range rows {
		if a, ok := known[r.Actor]; ok && !a.Gone {
			all = append(all, Community{Actor: a, Access: r.Access, Language: r.Language, Zone: r.Zone,
				CreatedAt: r.CreatedAt, Archived: r.Archived, Followers: r.Followers, Posts: r.Posts})
		}
	}
	return all, nil
}
