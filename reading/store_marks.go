package reading

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func marksOf(ctx context.Context, q storage.Querier, member actors.ID, timelines []string) ([]Mark, error) {
	rows, _ := q.Query(ctx, `
		SELECT timeline, last, version, at
		FROM read_marks
		WHERE member = $1 AND timeline = ANY($2)`, member, timelines) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Mark])
}

func upsertMark(ctx context.Context, q storage.Querier, member actors.ID, m Mark) (Mark, error) {
	err := q.QueryRow(ctx, `
		INSERT INTO read_marks (member, timeline, last, version, at)
		VALUES (@member, @timeline, @last, 1, @at)
		ON CONFLICT (member, timeline) DO UPDATE
		SET last = excluded.last, version = read_marks.version + 1, at = excluded.at
		RETURNING version`,
		pgx.NamedArgs{"member": member, "timeline": m.Timeline, "last": m.Last, "at": m.At}).Scan(&m.Version)
	return m, err
}

// insertTag says whether there was room, or it is followed already.
func insertTag(ctx context.Context, q storage.Querier, member actors.ID, t Tag) (made bool, err error) {
	tag, err := q.Exec(ctx, `
		INSERT INTO followed_tags (member, tag, name, at)
		SELECT @member, @tag, @name, @at
		WHERE (SELECT count(*) FROM followed_tags WHERE member = @member AND tag <> @tag) < @most
		ON CONFLICT (member, tag) DO UPDATE
		SET name = excluded.name`,
		pgx.NamedArgs{"member": member, "tag": t.Folded, "name": t.Name, "at": t.At, "most": mostTags})
	return tag.RowsAffected() > 0, err
}

func deleteTag(ctx context.Context, q storage.Querier, member actors.ID, folded string) error {
	_, err := q.Exec(ctx, `
		DELETE FROM followed_tags
		WHERE member = $1 AND tag = $2`, member, folded)
	return err
}

func tagsOf(ctx context.Context, q storage.Querier, member actors.ID) ([]Tag, error) {
	rows, _ := q.Query(ctx, `
		SELECT tag, name, at
		FROM followed_tags
		WHERE member = $1
		ORDER BY tag`, member) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Tag])
}

func markExchange(ctx context.Context, q storage.Querier, member actors.ID, root, read, away int64) error {
	_, err := q.Exec(ctx, `
		INSERT INTO exchanges (member, root, read, away)
		VALUES (@member, @root, @read, @away)
		ON CONFLICT (member, root) DO UPDATE
		SET read = greatest(exchanges.read, excluded.read), away = greatest(exchanges.away, excluded.away)`,
		pgx.NamedArgs{"member": member, "root": root, "read": read, "away": away})
	return err
}
