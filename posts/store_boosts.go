package posts

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

func insertBoost(ctx context.Context, tx storage.Tx, b Boost) (fresh bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO boosts (id, post, who, iri, at)
		VALUES (@id, @post, @who, @iri, @at)
		ON CONFLICT (post, who) DO NOTHING`,
		pgx.NamedArgs{"id": b.ID, "post": b.Post, "who": b.By, "iri": b.IRI, "at": b.At})
	return tag.RowsAffected() > 0, err
}

// deleteBoost gives what it took away; nil: there was none.
func deleteBoost(ctx context.Context, tx storage.Tx, post int64, who actors.ID) (*Boost, error) {
	rows, _ := tx.Query(ctx, `
		DELETE FROM boosts
		WHERE post = $1 AND who = $2
		RETURNING id, post, who, iri, at`, post, who) // CollectExactlyOneRow returns Query's error
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToAddrOfStructByPos[Boost])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return b, err
}

// boostedPost gives the post that somebody shares by an Announce, or 0; of a post that is
// named, whatever the Announce.
func boostedPost(ctx context.Context, q storage.Querier, who actors.ID, post, announce string) (id int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT coalesce((
			SELECT b.post
			FROM boosts b
			JOIN posts p ON p.id = b.post
			WHERE b.who = $1 AND CASE WHEN $2 = '' THEN b.iri = $3 ELSE p.iri = $2 END
			LIMIT 1), 0)`, who, post, announce).Scan(&id)
	return id, err
}

const selectBoost = `
	SELECT id, post, who, iri, at
	FROM boosts
	WHERE `

func boostByID(ctx context.Context, q storage.Querier, id int64) (Boost, error) {
	rows, _ := q.Query(ctx, selectBoost+`id = $1`, id)
	return oneBoost(rows)
}

func boostOf(ctx context.Context, q storage.Querier, post int64, who actors.ID) (Boost, error) {
	rows, _ := q.Query(ctx, selectBoost+`post = $1 AND who = $2`, post, who)
	return oneBoost(rows)
}

func oneBoost(rows pgx.Rows) (Boost, error) { // which returns the error of its query
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Boost])
	return b, storage.NotFound(err, noPost)
}

// Who reacted to a post.
const (
	likersOf   = `SELECT l.who, l.at FROM likes l WHERE l.post = @post`
	boostersOf = `SELECT b.who, b.at FROM boosts b WHERE b.post = @post`
)

func reactedTo(ctx context.Context, q storage.Querier, r access.Reader, which string, post int64, limit int) ([]actors.ID, error) {
	args := readerArgs(r)
	args["post"], args["limit"] = post, limit
	rows, _ := q.Query(ctx, `
		SELECT w.who
		FROM (`+which+`) w
		WHERE NOT `+access.Shuns("w.who")+`
		ORDER BY w.at DESC, w.who
		LIMIT @limit`, args) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}
