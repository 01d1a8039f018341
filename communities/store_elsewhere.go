package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
	"passerelles/text"
)

const longestReason = 500 // characters

// upsertRole writes what was said unless something was said later.
func upsertRole(ctx context.Context, tx storage.Tx, r Role) (changed bool, err error) {
	var until *time.Time
	if !r.Until.IsZero() {
		until = &r.Until
	}
	err = tx.QueryRow(ctx, `
		WITH was AS (
			SELECT holds
			FROM roles_elsewhere
			WHERE community = @community AND who = @who AND role = @role
		), said AS (
			INSERT INTO roles_elsewhere (community, who, role, holds, until, reason, said_at)
			VALUES (@community, @who, @role, @holds, @until, @reason, @at)
			ON CONFLICT (community, who, role) DO UPDATE
			SET holds = excluded.holds, until = excluded.until, reason = excluded.reason, said_at = excluded.said_at
			WHERE excluded.said_at >= roles_elsewhere.said_at
			RETURNING holds)
		SELECT EXISTS (SELECT FROM said) AND coalesce((SELECT holds FROM was), false) <> @holds`,
		pgx.NamedArgs{"community": r.Community.ID, "who": r.Who, "role": r.Role, "holds": r.Holds, "until": until,
			"reason": text.Excerpt(r.Reason, longestReason), "at": r.At}).Scan(&changed)
	return changed, err
}

// holdsRole asks whether a role holds at a time.
func holdsRole(ctx context.Context, q storage.Querier, r Role) (holds bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM roles_elsewhere
			WHERE community = @community AND who = @who AND role = @role AND holds
				AND (until IS NULL OR until > @at))`,
		pgx.NamedArgs{"community": r.Community.ID, "who": r.Who, "role": r.Role, "at": r.At}).Scan(&holds)
	return holds, err
}
