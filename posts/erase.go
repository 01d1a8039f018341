package posts

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// EraseBy leaves tombstones of some of what a person wrote, the oldest first; left says
// whether there is more. Nobody is told: who goes says so once for all.
func (s *Service) EraseBy(ctx context.Context, author actors.ID, most int) (left bool, err error) {
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		iris, err := standingBy(ctx, tx, author, most)
		if err != nil {
			return err
		}
		for _, iri := range iris {
			f, err := lookup(ctx, tx, wanted{iri: iri})
			if err != nil {
				return err
			}
			if f.post == nil || f.post.DeletedAt != nil {
				continue
			}
			if err := s.blank(ctx, tx, *f.post, s.now()); err != nil {
				return err
			}
		}
		left = len(iris) == most
		return nil
	})
	return left, err
}

// ForgetReactions takes back, without telling it, what somebody who is no more liked, voted
// and asked to quote.
func (s *Service) ForgetReactions(ctx context.Context, tx storage.Tx, who actors.ID) error {
	return deleteReactions(ctx, tx, who)
}
