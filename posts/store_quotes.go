package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

type quote struct {
	ID, Post int64
	Quoting  string
}

// insertQuote gives the id of the leave, that of the first time if it is asked again.
func insertQuote(ctx context.Context, tx storage.Tx, q quote, at time.Time) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		INSERT INTO quotes (id, post, quoting, at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (post, quoting) DO UPDATE SET quoting = excluded.quoting
		RETURNING id`, q.ID, q.Post, q.Quoting, at).Scan(&id)
	return id, err
}

func quoteByID(ctx context.Context, q storage.Querier, post, id int64) (quote, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, post, quoting
		FROM quotes
		WHERE id = $1 AND post = $2`, id, post) // CollectExactlyOneRow returns Query's error
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[quote])
	return found, storage.NotFound(err, noPost)
}
