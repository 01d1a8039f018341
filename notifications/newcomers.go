package notifications

import (
	"context"
	"fmt"
	"time"

	"passerelles/actors"
	"passerelles/pace"
	"passerelles/storage"
)

// Of who is new here, and names people, few are told: waves of new accounts name everybody.
const (
	newFor       = 3 * 24 * time.Hour // since we heard of them first
	mostNamed    = 10                 // people of ours whom one newcomer names within a day
	mostFromHost = 50                 // and whom all newcomers of one server elsewhere name within an hour
)

type newcomers struct {
	people pace.Pace[actors.ID]
	hosts  pace.Pace[int64]
}

func newNewcomers() *newcomers {
	return &newcomers{pace.Pace[actors.ID]{Most: mostNamed, Within: 24 * time.Hour}, pace.Pace[int64]{Most: mostFromHost, Within: time.Hour}}
}

// tells says whether somebody is told that an author named them. Who is not told finds the post
// where it stands.
func (s *Service) tells(ctx context.Context, author actors.ID, c concern, post int64) (bool, error) {
	now := s.Now()
	if c.Kind != Mention || now.Sub(storage.IDTime(int64(author))) >= newFor {
		return true, nil
	}
	host, followed, err := bearingOf(ctx, s.DB, author, c.Who)
	if err != nil || followed {
		return true, err
	}
	thing := fmt.Sprintf("%d %d", post, c.Who)
	if _, may := s.newcomers.people.Take(author, thing, now); !may {
		return false, nil
	}
	if host == 0 {
		return true, nil
	}
	_, may := s.newcomers.hosts.Take(host, thing, now)
	return may, nil
}
