package accounts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func insertAddressChange(ctx context.Context, tx storage.Tx, c addressChange) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO address_changes (id, member, email, was, created_at)
		VALUES ($1, $2, $3, $4, $5)`, c.ID, c.Member, c.Email, c.Was, c.CreatedAt)
	return err
}

func addressChangeByID(ctx context.Context, q storage.Querier, id int64) (addressChange, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, member, email, was, created_at, used_at
		FROM address_changes
		WHERE id = $1`, id) // CollectExactlyOneRow returns Query's error
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[addressChange])
	return c, storage.NotFound(err, noLink)
}

// lockAddressChange makes those who use it at once do so one after another.
func lockAddressChange(ctx context.Context, tx storage.Tx, id int64) error {
	_, err := tx.Exec(ctx, `SELECT FROM address_changes WHERE id = $1 FOR UPDATE`, id)
	return err
}

// useAddressChanges ends the links that a member was sent.
func useAddressChanges(ctx context.Context, tx storage.Tx, member actors.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE address_changes
		SET used_at = $2
		WHERE member = $1 AND used_at IS NULL`, member, at)
	return err
}

func updateEmail(ctx context.Context, tx storage.Tx, c addressChange) error {
	_, err := tx.Exec(ctx, `
		UPDATE members
		SET email = $2
		WHERE actor = $1`, c.Member, c.Email)
	return storage.Conflict(err, "members_email", "Somebody has this e-mail address already.")
}
