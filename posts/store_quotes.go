package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

type quote struct {
	ID, Post int64
	Quoting  string
}

// given is a leave, and who asked for it.
type given struct {
	ID      int64
	Quoting string
	To      actors.ID
	ToIRI   string
}

// insertQuote gives the id of the leave, that of the first time if it is asked again.
func insertQuote(ctx context.Context, tx storage.Tx, q quote, by actors.ID, at time.Time) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO quotes (id, post, quoting, asked_by, at)
		VALUES (@id, @post, @quoting, @by, @at)
		ON CONFLICT (post, quoting) DO UPDATE SET asked_by = excluded.asked_by
		RETURNING id`,
		pgx.NamedArgs{"id": q.ID, "post": q.Post, "quoting": q.Quoting, "by": by, "at": at}).Scan(&id)
	return id, err
}

// mostTaken of the leaves that one post gave are taken back by word; the rest are gone with it.
const mostTaken = 1000

func quotesOf(ctx context.Context, tx storage.Tx, post int64) ([]given, error) {
	rows, _ := tx.Query(ctx, `
		SELECT q.id, q.quoting, a.id, a.iri
		FROM quotes q
		JOIN actors a ON a.id = q.asked_by
		WHERE q.post = $1
		ORDER BY q.id DESC
		LIMIT $2`, post, mostTaken) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[given])
}

func quoteByID(ctx context.Context, q storage.Querier, post, id int64) (quote, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, post, quoting
		FROM quotes
		WHERE id = $1 AND post = $2`, id, post) // CollectExactlyOneRow returns Query's error
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[quote])
	return found, storage.NotFound(err, noPost)
}
