package posts

import (
	"context"
	"fmt"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// purgedStay is how long what was purged is remembered: as long as the body of an activity that
// told of it might lie here.
const purgedStay = 31 * 24 * time.Hour

// Purge forgets some of what people elsewhere said within a community elsewhere; left says
// whether there is more. What was for everybody stays, and so does what ours wrote. A thread in
// which ours wrote keeps the places of the others, blank; of the rest nothing is left, and it
// may come again.
func (s *Service) Purge(ctx context.Context, community actors.ID, most int) (left bool, err error) {
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		all, err := insideOf(ctx, tx, community, most)
		if err != nil {
			return err
		}
		left = len(all) == most
		var whole []inner
		for _, p := range all {
			if !p.Kept {
				whole = append(whole, p)
				continue
			}
			f, err := lookup(ctx, tx, wanted{iri: p.IRI})
			if err != nil {
				return err
			}
			if err := s.blank(ctx, tx, *f.post, s.now()); err != nil {
				return err
			}
		}
		return deleteInside(ctx, tx, whole, s.now())
	})
	if err != nil {
		return false, fmt.Errorf("purge community %d: %w", community, err)
	}
	return left, nil
}
