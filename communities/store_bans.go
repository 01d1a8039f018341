package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

const selectBan = `
	SELECT community, who, by, reason, since, until, activity, removed
	FROM bans
	WHERE community = @community AND (until IS NULL OR until > @now)`

// upsertBan says whether that was not told already.
func upsertBan(ctx context.Context, tx storage.Tx, b Ban) (changed bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO bans (community, who, by, reason, since, until, activity, removed)
		VALUES (@community, @who, @by, @reason, @since, @until, @activity, @removed)
		ON CONFLICT (community, who) DO UPDATE
		SET by = excluded.by, reason = excluded.reason, since = excluded.since, until = excluded.until,
			activity = excluded.activity, removed = excluded.removed
		WHERE bans.activity <> excluded.activity`,
		pgx.NamedArgs{"community": b.Community, "who": b.Who, "by": b.By, "reason": b.Reason, "since": b.Since, "until": b.Until,
			"activity": b.Activity, "removed": b.Removed})
	return tag.RowsAffected() > 0, err
}

// deleteBan also ends one that has no time left, without saying that it held.
func deleteBan(ctx context.Context, tx storage.Tx, community, who actors.ID, now time.Time) (held bool, err error) {
	rows, _ := tx.Query(ctx, `
		DELETE FROM bans
		WHERE community = $1 AND who = $2
		RETURNING until IS NULL OR until > $3`, community, who, now) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	return len(all) > 0 && all[0], err
}

func banOf(ctx context.Context, q storage.Querier, community, who actors.ID, now time.Time) (Ban, error) {
	rows, _ := q.Query(ctx, selectBan+` AND who = @who`,
		pgx.NamedArgs{"community": community, "who": who, "now": now}) // CollectExactlyOneRow returns Query's error
	b, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Ban])
	return b, storage.NotFound(err, "This person is not banned.")
}

func bansOf(ctx context.Context, q storage.Querier, community actors.ID, now time.Time, limit int) ([]Ban, error) {
	rows, _ := q.Query(ctx, selectBan+` ORDER BY since DESC, who LIMIT @limit`,
		pgx.NamedArgs{"community": community, "now": now, "limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Ban])
}

// deleteOver forgets bans and links that have had their time.
func deleteOver(ctx context.Context, q storage.Querier, now, links time.Time) error {
	if _, err := q.Exec(ctx, `
		DELETE FROM bans
		WHERE (community, who) IN (SELECT community, who FROM bans WHERE until < $1 LIMIT 5000)`, now); err != nil {
		return err
	}
	_, err := q.Exec(ctx, `
		DELETE FROM invitation_links
		WHERE id IN (SELECT id FROM invitation_links WHERE expires_at < $1 LIMIT 5000)`, links)
	return err
}
