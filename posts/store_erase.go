package posts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// standingBy gives what a person wrote that was not deleted, the oldest first.
func standingBy(ctx context.Context, tx storage.Tx, author actors.ID, most int) ([]string, error) {
	rows, _ := tx.Query(ctx, `
		SELECT iri
		FROM posts
		WHERE author = $1
			AND deleted_at IS NULL
		ORDER BY id
		LIMIT $2`, author, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func deleteReactions(ctx context.Context, tx storage.Tx, who actors.ID) error {
	for _, sql := range []string{
		`DELETE FROM likes WHERE who = $1`,
		`DELETE FROM boosts WHERE who = $1`,
		`DELETE FROM pins WHERE who = $1`,
		`DELETE FROM dislikes WHERE who = $1`,
		`DELETE FROM early_likes WHERE who = $1`,
		`DELETE FROM post_keys WHERE who = $1`,
		`DELETE FROM post_mentions WHERE who = $1`,
		`UPDATE quotes SET asked_by = NULL WHERE asked_by = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, who); err != nil {
			return err
		}
	}
	return nil
}
