package outbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

func pauseOf(ctx context.Context, q storage.Querier) (Pause, error) {
	rows, _ := q.Query(ctx, `
		SELECT since, reason, last_activity
		FROM pauses`) // CollectExactlyOneRow returns Query's error
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Pause])
	return p, storage.NotFound(err, "Deliveries are not paused.")
}

func insertPause(ctx context.Context, tx storage.Tx, reason string, now time.Time) (made bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO pauses (since, reason, last_activity)
		SELECT @now, @reason, coalesce(max(id), 0)
		FROM activities
		ON CONFLICT (single) DO NOTHING`,
		pgx.NamedArgs{"now": now, "reason": reason})
	return tag.RowsAffected() > 0, err
}

// pauseRestored is insertPause over a pause that the backup itself held, as the
// text of a statement.
func pauseRestored(now time.Time, reason string) string {
	return fmt.Sprintf(`
		INSERT INTO pauses (since, reason, last_activity)
		SELECT '%s', '%s', coalesce(max(id), 0)
		FROM activities
		ON CONFLICT (single) DO UPDATE
		SET since = excluded.since, reason = excluded.reason, last_activity = excluded.last_activity`, now.UTC().Format(time.RFC3339Nano), strings.ReplaceAll(reason, "'", "''"))
}

func deletePause(ctx context.Context, q storage.Querier) error {
	if _, err := q.Exec(ctx, `DELETE FROM pauses`); err != nil {
		return fmt.Errorf("resume deliveries: %w", err)
	}
	return nil
}
