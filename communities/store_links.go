package communities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// linkHolds is that a link still lets in, at @now.
const linkHolds = `(
		l.used < l.most AND l.expires_at > @now
		AND EXISTS (
			SELECT FROM memberships m
			WHERE m.community = l.community AND m.who = l.by AND m.role IN ('animator', 'owner')))`

const selectLink = `
	SELECT l.id, l.community, l.by, l.label, l.most, l.used, l.at, l.expires_at, ` + linkHolds + ` AS holds, '' AS address
	FROM invitation_links l
	WHERE `

func insertLink(ctx context.Context, tx storage.Tx, l Link, digest []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO invitation_links (id, community, digest, label, most, by, at, expires_at)
		VALUES (@id, @community, @digest, @label, @most, @by, @at, @ends)`,
		pgx.NamedArgs{"id": l.ID, "community": l.Community, "digest": digest, "label": l.Label, "most": l.Most,
			"by": l.By, "at": l.At, "ends": l.ExpiresAt})
	return err
}

func linksOf(ctx context.Context, q storage.Querier, community actors.ID, now time.Time, most int) ([]Link, error) {
	rows, _ := q.Query(ctx, selectLink+`l.community = @community ORDER BY l.id DESC LIMIT @most`,
		pgx.NamedArgs{"community": community, "now": now, "most": most}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Link])
}

// linkByDigest and linkByID find only what still lets in.
func linkByDigest(ctx context.Context, q storage.Querier, digest []byte, now time.Time) (Link, error) {
	return oneLink(ctx, q, `l.digest = @digest AND `+linkHolds, pgx.NamedArgs{"digest": digest, "now": now})
}

func linkByID(ctx context.Context, q storage.Querier, id int64, now time.Time) (Link, error) {
	return oneLink(ctx, q, `l.id = @id AND `+linkHolds, pgx.NamedArgs{"id": id, "now": now})
}

func oneLink(ctx context.Context, q storage.Querier, such string, args pgx.NamedArgs) (Link, error) {
	rows, _ := q.Query(ctx, selectLink+such, args) // CollectExactlyOneRow returns Query's error
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Link])
	return l, storage.NotFound(err, noLink)
}

// useLink counts somebody, who may not be one too many.
func useLink(ctx context.Context, tx storage.Tx, id int64, now time.Time) (used bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE invitation_links l
		SET used = used + 1
		WHERE l.id = @id AND `+linkHolds, pgx.NamedArgs{"id": id, "now": now})
	return tag.RowsAffected() > 0, err
}

func endLink(ctx context.Context, tx storage.Tx, community actors.ID, id int64, now time.Time) (ended bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE invitation_links
		SET expires_at = $3
		WHERE id = $1 AND community = $2 AND expires_at > $3`, id, community, now)
	return tag.RowsAffected() > 0, err
}
