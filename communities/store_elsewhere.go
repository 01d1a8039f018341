package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
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
	b := &pgx.Batch{}
	b.Queue(`
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
			"reason": text.Excerpt(r.Reason, longestReason), "at": r.At}).
		QueryRow(func(row pgx.Row) error { return row.Scan(&changed) })
	queueForgetRoles(b, r.Community.ID, r.Role)
	err = tx.SendBatch(ctx, b).Close()
	return changed, err
}

// mostRoles are kept of each kind in a community, the latest, besides those of our members: it
// may name any number of people.
const mostRoles = 1000

func queueForgetRoles(b *pgx.Batch, community actors.ID, role string) {
	b.Queue(`
		DELETE FROM roles_elsewhere r
		USING (
			SELECT who
			FROM roles_elsewhere
			WHERE community = @community AND role = @role
			ORDER BY said_at DESC, who
			OFFSET @most) AS oldest
		WHERE r.community = @community AND r.role = @role AND r.who = oldest.who
			AND NOT EXISTS (SELECT FROM actors a WHERE a.iri = r.who AND a.host IS NULL)`,
		pgx.NamedArgs{"community": community, "role": role, "most": mostRoles})
}

// upsertModerators gives the role to those who have it not yet, and ends it for others.
func upsertModerators(ctx context.Context, tx storage.Tx, l List) error {
	b := &pgx.Batch{}
	args := pgx.NamedArgs{"community": l.Community.ID, "role": Moderator, "named": l.IRIs, "at": l.At}
	b.Queue(`
		INSERT INTO roles_elsewhere (community, who, role, holds, said_at)
		SELECT DISTINCT @community::bigint, who, @role, true, @at::timestamptz
		FROM unnest(@named::text[]) AS who
		ORDER BY who
		ON CONFLICT (community, who, role) DO UPDATE
		SET holds = true, until = NULL, reason = '', said_at = excluded.said_at
		WHERE NOT roles_elsewhere.holds AND excluded.said_at >= roles_elsewhere.said_at`, args)
	if l.Whole {
		b.Queue(`
			UPDATE roles_elsewhere
			SET holds = false, said_at = @at
			WHERE community = @community AND role = @role AND holds AND said_at <= @at AND who <> ALL(coalesce(@named::text[], '{}'))`, args)
	}
	queueForgetRoles(b, l.Community.ID, Moderator)
	return tx.SendBatch(ctx, b).Close()
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

// banElsewhere gives the ban that a community elsewhere told of, fault.NotFound for want of one.
func banElsewhere(ctx context.Context, q storage.Querier, community, who actors.ID, now time.Time) (Ban, error) {
	b := Ban{Community: community, Who: who}
	err := q.QueryRow(ctx, `
		SELECT r.reason, r.said_at, r.until
		FROM roles_elsewhere r
		JOIN actors a ON a.iri = r.who
		WHERE r.community = @community AND a.id = @who AND r.role = @role AND r.holds
			AND (r.until IS NULL OR r.until > @now)`,
		pgx.NamedArgs{"community": community, "who": who, "role": Banned, "now": now}).Scan(&b.Reason, &b.Since, &b.Until)
	return b, storage.NotFound(err, "Nobody keeps this person out.")
}
