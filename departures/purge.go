package departures

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/outbox"
	"passerelles/storage"
)

const purgeKind = "purge" // what was for members of a community elsewhere is forgotten

// Purge has what we hold of a community elsewhere forgotten, which it asked for by an activity,
// and says so once it is done.
func Purge(ctx context.Context, tx storage.Tx, community actors.ID, asked string, at time.Time) error {
	return jobs.Add(ctx, tx, purgeKind, strconv.FormatInt(int64(community), 10)+" "+asked, nil, at)
}

func (s *Service) purge(ctx context.Context, j jobs.Job) error {
	number, asked, _ := strings.Cut(j.Key, " ")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return jobs.Abandon(err)
	}
	group, err := s.Directory.ByID(ctx, actors.ID(id))
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	if nobody, err := s.Communities.ServesNobody(ctx, s.DB, group.ID); err != nil || !nobody {
		return err // somebody is a member again
	}
	if err := s.purgePosts(ctx, group.ID); err != nil {
		return err
	}
	if err := s.DB.Write(ctx, func(tx storage.Tx) error { return s.acknowledge(ctx, tx, group, asked) }); err != nil {
		return err
	}
	s.Poke()
	return nil
}

func (s *Service) purgePosts(ctx context.Context, community actors.ID) (err error) {
	for left := true; left; {
		if left, err = s.Posts.Purge(ctx, community, atOnce); err != nil {
			return err
		}
	}
	return nil
}

// acknowledge answers in the name of the server, which was asked.
func (s *Service) acknowledge(ctx context.Context, tx storage.Tx, group actors.Actor, asked string) error {
	server, err := s.Directory.Application(ctx)
	if err != nil {
		return err
	}
	a := vocab.Activity{ID: s.IRIs.NewActivity(), Type: "Accept", Actor: server.IRI, Object: vocab.Link(asked), To: []string{group.IRI},
		Published: s.Now()}
	body, err := a.Encode()
	if err != nil {
		return fmt.Errorf("acknowledge %s: %w", asked, err)
	}
	return outbox.Send(ctx, tx, outbox.Audience{To: []actors.ID{group.ID}}, outbox.Activity{IRI: a.ID, Type: a.Type, Object: asked,
		Actor: server.ID, Body: body, Thread: int64(group.ID), Published: a.Published})
}
