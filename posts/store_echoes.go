package posts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
)

func authorOf(ctx context.Context, q storage.Querier, iri string) (author actors.ID, deleted bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT author, deleted_at IS NOT NULL
		FROM posts
		WHERE iri = $1`, iri).Scan(&author, &deleted)
	return author, deleted, storage.NotFound(err, noPost)
}

// insertEchoes makes those of a post that are lacking, by whom they are for: of an answer
// only for who wrote in the thread, or is named in it.
func insertEchoes(ctx context.Context, tx storage.Tx, p Post, who []actors.ID, at time.Time) (map[actors.ID]echoed, error) {
	ids := make([]int64, len(who))
	for i := range ids {
		ids[i] = storage.NewID(at)
	}
	rows, _ := tx.Query(ctx, `
		INSERT INTO echoes (id, post, who, at)
		SELECT w.id, @post, w.who, @at
		FROM unnest(@ids::bigint[], @who::bigint[]) AS w (id, who)
		WHERE w.who <> @author
		  AND (@starter
			OR EXISTS (SELECT FROM posts p WHERE p.root = @root AND p.author = w.who)
			OR EXISTS (SELECT FROM post_mentions m WHERE m.post = @post AND m.who = w.who))
		ON CONFLICT DO NOTHING
		RETURNING id, post, who, at`, pgx.NamedArgs{"post": p.ID, "author": p.Author.ID, "root": p.Root, "starter": p.Starter(),
		"ids": ids, "who": who, "at": at}) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[echoed])
	made := make(map[actors.ID]echoed, len(all))
	for _, c := range all {
		made[*c.Who] = c
	}
	return made, err
}

// spokenEcho gives the one that is for the servers of all members, and makes it if there is none.
func spokenEcho(ctx context.Context, tx storage.Tx, post int64, at time.Time) (c echoed, err error) {
	rows, _ := tx.Query(ctx, `
		INSERT INTO echoes (id, post, at)
		VALUES ($1, $2, $3)
		ON CONFLICT (post, who) DO UPDATE
		SET at = echoes.at
		RETURNING id, post, who, at`, storage.NewID(at), post, at) // CollectExactlyOneRow returns Query's error
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[echoed])
}

func echoByID(ctx context.Context, q storage.Querier, id int64) (echoed, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, post, who, at
		FROM echoes
		WHERE id = $1`, id) // CollectExactlyOneRow returns Query's error
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[echoed])
	return c, storage.NotFound(err, noPost)
}

// meant gives the IRI of the post that a echo stands for.
func meant(ctx context.Context, q storage.Querier, id int64, by actors.ID) (iri string, err error) {
	err = q.QueryRow(ctx, `
		SELECT p.iri
		FROM echoes c
		JOIN posts p ON p.id = c.post
		WHERE c.id = $1 AND (c.who = $2 OR c.who IS NULL)`, id, by).Scan(&iri)
	return iri, storage.NotFound(err, noPost)
}

// answeredBy gives what of a post its reader has seen: the echo that was made for them, or for
// the servers of members, else the post itself.
func answeredBy(ctx context.Context, q storage.Querier, post int64, reader actors.ID, iris federation.IRIs) (string, error) {
	var iri string
	var id *int64
	err := q.QueryRow(ctx, `
		SELECT p.iri, c.id
		FROM posts p
		LEFT JOIN echoes c ON c.post = p.id AND c.who IS NOT DISTINCT FROM nullif($2::bigint, 0)
		WHERE p.id = $1`, post, reader).Scan(&iri, &id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.New(fault.NotFound, noPost)
	}
	if id != nil {
		iri = iris.Echo(*id)
	}
	return iri, err
}

func hasEchoes(ctx context.Context, q storage.Querier, post int64) (yes bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM echoes WHERE post = $1 AND ended_at IS NULL)`, post).Scan(&yes)
	return yes, err
}

// endedEcho is one whose end is to be told.
type endedEcho struct {
	echoed
	Reader string // IRI of who it is for, "" for a spoken one
}

func endSomeEchoes(ctx context.Context, tx storage.Tx, post int64, at time.Time, limit int) ([]endedEcho, error) {
	rows, _ := tx.Query(ctx, `
		UPDATE echoes
		SET ended_at = $2
		WHERE id IN (
			SELECT id
			FROM echoes
			WHERE post = $1 AND ended_at IS NULL
			ORDER BY id
			LIMIT $3)
		RETURNING id, post, who, at, coalesce((SELECT iri FROM actors a WHERE a.id = echoes.who), '')`, post, at, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[endedEcho])
}
