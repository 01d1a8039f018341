package posts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

type quote struct {
	ID, Post int64
	Quoting  string
	Ended    bool // it was taken back
}

// given is a leave, and who asked for it.
type given struct {
	ID      int64
	Quoting string
	To      actors.ID
	ToIRI   string
}

// insertQuote gives the id of the leave, that of the first time if it is asked again, and whether
// that was taken back: it is not given again.
func insertQuote(ctx context.Context, tx storage.Tx, q quote, by actors.ID, at time.Time) (id int64, ended bool, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO quotes (id, post, quoting, asked_by, at)
		VALUES (@id, @post, @quoting, @by, @at)
		ON CONFLICT (post, quoting) DO UPDATE SET asked_by = excluded.asked_by
		RETURNING id, ended_at IS NOT NULL`,
		pgx.NamedArgs{"id": q.ID, "post": q.Post, "quoting": q.Quoting, "by": by, "at": at}).Scan(&id, &ended)
	return id, ended, err
}

// mostTaken of the leaves that one post gave are taken back by word; the rest are gone with it.
const mostTaken = 1000

func quotesOf(ctx context.Context, tx storage.Tx, post int64) ([]given, error) {
	rows, _ := tx.Query(ctx, `
		SELECT q.id, q.quoting, a.id, a.iri
		FROM quotes q
		JOIN actors a ON a.id = q.asked_by
		WHERE q.post = $1 AND q.ended_at IS NULL
		ORDER BY q.id DESC
		LIMIT $2`, post, mostTaken) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[given])
}

func quoteByID(ctx context.Context, q storage.Querier, post, id int64) (quote, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, post, quoting, false
		FROM quotes
		WHERE id = $1 AND post = $2 AND ended_at IS NULL`, id, post) // CollectExactlyOneRow returns Query's error
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[quote])
	return found, storage.NotFound(err, noPost)
}

// quoteFor is the leave that a post has to quote one of ours; its ID is 0 where there is none.
func quoteFor(ctx context.Context, q storage.Querier, post int64, quoting string) (quote, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, post, quoting, ended_at IS NOT NULL
		FROM quotes
		WHERE post = $1 AND quoting = $2`, post, quoting) // CollectExactlyOneRow returns Query's error
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[quote])
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return found, err
}

// leaveHere is leave with the post that has it; Post is 0 where that is not here.
type leaveHere struct {
	ID      int64
	Quoting string
	Post    int64
}

func leavesOf(ctx context.Context, q storage.Querier, post int64) ([]leaveHere, error) {
	rows, _ := q.Query(ctx, `
		SELECT q.id, q.quoting, coalesce(p.id, 0)
		FROM quotes q
		LEFT JOIN posts p ON p.iri = q.quoting
		WHERE q.post = $1 AND q.ended_at IS NULL AND p.deleted_at IS NULL
		ORDER BY q.id DESC
		LIMIT $2`, post, mostTaken) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[leaveHere])
}

// endQuote takes leave back, and gives it; To is 0 where who asked is not known.
func endQuote(ctx context.Context, tx storage.Tx, post, id int64, at time.Time) (given, error) {
	rows, _ := tx.Query(ctx, `
		UPDATE quotes q
		SET ended_at = @at
		WHERE q.id = @id AND q.post = @post AND q.ended_at IS NULL
		RETURNING q.id, q.quoting, coalesce(q.asked_by, 0), coalesce((SELECT iri FROM actors WHERE id = q.asked_by), '')`,
		pgx.NamedArgs{"id": id, "post": post, "at": at}) // CollectExactlyOneRow returns Query's error
	q, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[given])
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNotQuoted
	}
	return q, err
}
