package posts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// asked is what a ballot needs to know of a poll.
type asked struct {
	Local    bool
	Multiple bool
	Options  []string
	EndsAt   *time.Time
}

// pollFor gives a poll and what somebody chose in it, and has their other ballots wait.
func pollFor(ctx context.Context, tx storage.Tx, post int64, who actors.ID) (p asked, chosen []int, err error) {
	_, err = tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('vote ' || $1::bigint || ' ' || $2::bigint, 0))`, post, who)
	if err != nil {
		return p, nil, err
	}
	err = tx.QueryRow(ctx, `
		SELECT p.local, q.multiple, q.options, q.ends_at,
			ARRAY(SELECT v.choice::int FROM poll_votes v WHERE v.post = q.post AND v.who = $2)
		FROM polls q
		JOIN posts p ON p.id = q.post
		WHERE q.post = $1 AND p.deleted_at IS NULL`, post, who).Scan(&p.Local, &p.Multiple, &p.Options, &p.EndsAt, &chosen)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.New(fault.NotFound, noPost)
	}
	return p, chosen, err
}

func insertVotes(ctx context.Context, tx storage.Tx, v ballot) error {
	b := &pgx.Batch{}
	for i, choice := range v.choices {
		iri := ""
		if v.iris != nil {
			iri = v.iris[i]
		}
		b.Queue(`
			INSERT INTO poll_votes (post, who, choice, iri, at)
			VALUES (@post, @who, @choice, @iri, @at)`,
			pgx.NamedArgs{"post": v.post, "who": v.who, "choice": choice, "iri": iri, "at": v.at})
	}
	return tx.SendBatch(ctx, b).Close()
}

// countVote adds a ballot to what the server of a poll counted, until it counts again.
func countVote(ctx context.Context, tx storage.Tx, v ballot) error {
	_, err := tx.Exec(ctx, `
		UPDATE polls
		SET voters = voters + 1,
			votes = ARRAY(SELECT n + CASE WHEN at - 1 = ANY(@choices::int[]) THEN 1 ELSE 0 END
				FROM unnest(votes) WITH ORDINALITY AS o (n, at)
				ORDER BY at)
		WHERE post = @post`, pgx.NamedArgs{"post": v.post, "choices": v.choices})
	return err
}

func askerOf(ctx context.Context, q storage.Querier, post int64) (who actors.ID, err error) {
	err = q.QueryRow(ctx, `
		SELECT author
		FROM posts
		WHERE id = $1`, post).Scan(&who)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.New(fault.NotFound, noPost)
	}
	return who, err
}

// votersHere are those of ours who voted.
func votersHere(ctx context.Context, tx storage.Tx, post int64) ([]actors.ID, error) {
	rows, _ := tx.Query(ctx, `
		SELECT DISTINCT v.who
		FROM poll_votes v
		JOIN members m ON m.actor = v.who
		WHERE v.post = $1`, post) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// votesSent are the ids of what we sent of votes in a poll elsewhere.
func votesSent(ctx context.Context, tx storage.Tx, post int64) ([]string, error) {
	rows, _ := tx.Query(ctx, `
		SELECT iri
		FROM poll_votes
		WHERE post = $1 AND iri <> ''`, post) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func votesBy(ctx context.Context, q storage.Querier, who actors.ID) ([]Voted, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.iri, array_agg(q.options[v.choice + 1] ORDER BY v.choice)
		FROM poll_votes v
		JOIN polls q ON q.post = v.post
		JOIN posts p ON p.id = v.post
		WHERE v.who = $1
		GROUP BY p.id, p.iri
		ORDER BY p.id`, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Voted])
}
