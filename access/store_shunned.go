package access

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func insertMute(ctx context.Context, tx storage.Tx, muter, muted actors.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO mutes (muter, muted, since)
		VALUES (@muter, @muted, @at)
		ON CONFLICT (muter, muted) DO NOTHING`,
		pgx.NamedArgs{"muter": muter, "muted": muted, "at": at})
	return err
}

func deleteMute(ctx context.Context, tx storage.Tx, muter, muted actors.ID) (bool, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM mutes
		WHERE muter = $1
			AND muted = $2`, muter, muted)
	return tag.RowsAffected() > 0, err
}

func shunnedBy(ctx context.Context, q storage.Querier, reader actors.ID) ([]Shunned, error) {
	rows, _ := q.Query(ctx, `
		SELECT who, bool_or(blocked), bool_or(NOT blocked), min(since)
		FROM (
			SELECT blocked AS who, true AS blocked, since FROM blocks WHERE blocker = $1
			UNION ALL
			SELECT muted, false, since FROM mutes WHERE muter = $1) s
		GROUP BY who
		ORDER BY who`, reader) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Shunned])
}

func shunnedAmong(ctx context.Context, q storage.Querier, reader actors.ID, who []actors.ID) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT w.who
		FROM unnest(@who::bigint[]) AS w (who)
		WHERE `+Shuns("w.who"), pgx.NamedArgs{"reader": reader, "who": who}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

func bannedAt(ctx context.Context, q storage.Querier, community, who actors.ID, at time.Time) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM bans
			WHERE community = $1
				AND who = $2
				AND (until IS NULL OR until > $3)
		)`, community, who, at).Scan(&yes)
	return yes, err
}

func deleteShuns(ctx context.Context, tx storage.Tx, who actors.ID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM mutes WHERE muter = $1 OR muted = $1`, who); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM host_mutes WHERE muter = $1`, who); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM early_host_mutes WHERE muter = $1`, who); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM blocks WHERE blocker = $1 OR blocked = $1`, who)
	return err
}

// ShunnedAuthor is an SQL condition: the reader, who is @reader, blocks or mutes who wrote the
// post that is called alias, or mutes their server. It hides from lists; it is no right, and
// whoever asks for such a post by its address sees it.
func ShunnedAuthor(alias string) string { return Shuns(alias + ".author") }

// Shuns is that of whoever has an id.
func Shuns(who string) string {
	return `EXISTS (
		SELECT FROM blocks shun_b WHERE shun_b.blocker = @reader::bigint AND shun_b.blocked = ` + who + `
		UNION ALL
		SELECT FROM mutes shun_m WHERE shun_m.muter = @reader::bigint AND shun_m.muted = ` + who + `
		UNION ALL
		SELECT FROM host_mutes shun_h JOIN actors shun_a ON shun_a.host = shun_h.host WHERE shun_h.muter = @reader::bigint AND shun_a.id = ` + who + `)`
}
