package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// Voice is how a community of ours speaks for itself.
type Voice struct {
	Language    string
	EchoesWhole bool // to members whose software shows nothing for members it says the post itself, and not only a link
}

// VoiceOf gives it.
func (s *Service) VoiceOf(ctx context.Context, q storage.Querier, community actors.ID) (Voice, error) {
	return voiceOf(ctx, q, community)
}

// SetEchoesWhole chooses what the members of microblogs are sent. by animates the community;
// 0 is the command line.
func (s *Service) SetEchoesWhole(ctx context.Context, by, community actors.ID, whole bool) error {
	if by != 0 {
		if err := s.requireAnimator(ctx, s.db, community, by); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx storage.Tx) error { return updateEchoesWhole(ctx, tx, community, whole) })
}

// Unshown gives some members, in the order of their ids, whose software shows nothing that is
// for members: microblogs, by the name in their NodeInfo.
func (s *Service) Unshown(ctx context.Context, q storage.Querier, community actors.ID, c Circle, after actors.ID, limit int) ([]actors.Actor, error) {
	ids, err := unshownIDs(ctx, q, community, c == ForAnimators, after, limit)
	if err != nil {
		return nil, err
	}
	known, err := s.dir.ByIDs(ctx, ids)
	all := make([]actors.Actor, 0, len(ids))
	for _, id := range ids {
		if a, found := known[id]; found {
			all = append(all, a)
		}
	}
	return all, err
}
