package posts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// madeWith gives what a key has stood for since then, 0 for nothing.
func madeWith(ctx context.Context, q storage.Querier, who actors.ID, sum []byte, since time.Time) (made int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT made
		FROM post_keys
		WHERE who = $1 AND sum = $2 AND at > $3`, who, sum, since).Scan(&made)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return made, err
}

// insertKey says whether the key stood for nothing, or for what is older than since.
func insertKey(ctx context.Context, tx storage.Tx, who actors.ID, sum []byte, made int64, at, since time.Time) (first bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO post_keys (who, sum, made, at)
		VALUES (@who, @sum, @made, @at)
		ON CONFLICT (who, sum) DO UPDATE
		SET made = excluded.made, at = excluded.at
		WHERE post_keys.at <= @since`,
		pgx.NamedArgs{"who": who, "sum": sum, "made": made, "at": at, "since": since})
	return tag.RowsAffected() > 0, err
}

func deleteKeys(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM post_keys
		WHERE (who, sum) IN (
			SELECT who, sum
			FROM post_keys
			WHERE at <= @before
			ORDER BY at
			LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}
