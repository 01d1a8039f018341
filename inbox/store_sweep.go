package inbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

func bringNear(ctx context.Context, q storage.Querier, lease, due time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE inbox_queue
		SET due_at = least(due_at, @due), lease_until = least(lease_until, @lease)
		WHERE due_at > @due OR lease_until > @lease`, pgx.NamedArgs{"due": due, "lease": lease})
	return err
}

func deleteUndone(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM undone
		WHERE (actor, iri) IN (
			SELECT actor, iri
			FROM undone
			WHERE at <= @before
			LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}

// blankOld blanks the bodies of what came from one time to another. What came before
// was blanked by earlier sweeps, and need not be read again.
func blankOld(ctx context.Context, q storage.Querier, from, to time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		UPDATE received
		SET body = NULL
		WHERE id = ANY(ARRAY(
			SELECT id
			FROM received
			WHERE body IS NOT NULL AND arrived >= @from AND arrived < @to
			  AND NOT EXISTS (SELECT FROM inbox_queue WHERE received = received.id)
			LIMIT @most))`, pgx.NamedArgs{"from": from, "to": to})
	return err
}

// blankDeleted blanks the bodies about posts that were deleted or purged since, and those that
// came since about posts that were deleted before.
func blankDeleted(ctx context.Context, q storage.Querier, since, oldest time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		UPDATE received
		SET body = NULL
		WHERE id = ANY(ARRAY(
			SELECT r.id
			FROM received AS r
			JOIN (
				SELECT iri, at FROM tombstones
				UNION ALL
				SELECT iri, at FROM purged_posts) AS t ON t.iri = r.object
			WHERE r.body IS NOT NULL AND r.arrived >= @oldest AND (t.at >= @since OR r.arrived >= @since)
			  AND NOT EXISTS (SELECT FROM inbox_queue WHERE received = r.id)
			LIMIT @most))`, pgx.NamedArgs{"since": since, "oldest": oldest})
	return err
}
