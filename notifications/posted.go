package notifications

import (
	"context"
	"fmt"
	"strconv"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/jobs"
	"passerelles/storage"
)

const postedKind = "posted" // of the job that tells of a post

// Posted has a new post told to whom it concerns, in the transaction that writes it: a job
// finds out whom. Poke after the commit.
func (s *Service) Posted(ctx context.Context, tx storage.Tx, posts ...int64) error {
	if s == nil { // a service without notices tells nobody
		return nil
	}
	for _, id := range posts {
		if err := jobs.Add(ctx, tx, postedKind, strconv.FormatInt(id, 10), nil, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Awaited gives those of the communities whose new posts somebody wants to hear of.
func (s *Service) Awaited(ctx context.Context, q storage.Querier, communities []actors.ID) (map[actors.ID]bool, error) {
	if len(communities) == 0 {
		return nil, nil
	}
	return awaited(ctx, q, communities)
}

// tellPosted tells of a post: who wrote what it answers, who is named in it, who wants to hear
// of each post in its community. Each hears of it once.
func (s *Service) tellPosted(ctx context.Context, j jobs.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return jobs.Abandon(err)
	}
	it, concerned, err := concernedBy(ctx, s.DB, id)
	if err != nil {
		return fmt.Errorf("look whom post %d concerns: %w", id, err)
	}
	for _, c := range concerned {
		sees, err := access.CanSee(ctx, s.DB, access.Reader{ID: c.Who}, it)
		if err != nil {
			return err
		}
		if !sees {
			continue
		}
		tells, err := s.tells(ctx, it.Author, c, id)
		if err != nil {
			return err
		}
		if !tells {
			continue
		}
		n := Notice{Kind: c.Kind, By: it.Author, Community: it.Community, Post: id}
		if err := s.DB.Write(ctx, func(tx storage.Tx) error { return s.Tell(ctx, tx, n, c.Who) }); err != nil {
			return err
		}
	}
	return nil
}
