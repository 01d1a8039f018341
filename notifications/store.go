package notifications

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// insertCaught keeps a mail, and of all that were caught the latest.
func insertCaught(ctx context.Context, q storage.Querier, c Caught, most int) error {
	_, err := q.Exec(ctx, `
		WITH too_many AS (
			DELETE FROM caught_mails
			WHERE id IN (
				SELECT id
				FROM caught_mails
				ORDER BY id DESC
				OFFSET @most))
		INSERT INTO caught_mails (id, at, recipient, subject, body)
		VALUES (@id, @at, @to, @subject, @body)`,
		pgx.NamedArgs{"id": c.ID, "at": c.At, "to": c.To, "subject": c.Subject, "body": c.Body, "most": most - 1})
	return err
}

func caughtMails(ctx context.Context, q storage.Querier, most int) ([]Caught, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, at, recipient, subject, body
		FROM caught_mails
		ORDER BY id DESC
		LIMIT $1`, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Caught])
}

func deleteCaught(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := q.Exec(ctx, `
		DELETE FROM caught_mails
		WHERE at < $1`, before)
	return err
}
