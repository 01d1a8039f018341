package communities

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func insertNote(ctx context.Context, tx storage.Tx, n Note) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO animators_notes (id, community, about, by, words, at)
		VALUES (@id, @community, @about, @by, @words, @at)`,
		pgx.NamedArgs{"id": n.ID, "community": n.Community, "about": n.About, "by": n.By, "words": n.Words, "at": n.At})
	return err
}

func notesAbout(ctx context.Context, q storage.Querier, community, about actors.ID, limit int) ([]Note, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, community, about, by, words, at
		FROM animators_notes
		WHERE about = $2 AND community = $1
		ORDER BY id DESC
		LIMIT $3`, community, about, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Note])
}

func deleteNote(ctx context.Context, tx storage.Tx, community, by actors.ID, id int64) (bool, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM animators_notes
		WHERE id = $1 AND community = $2 AND by = $3`, id, community, by)
	return tag.RowsAffected() > 0, err
}

func countMembersAt(ctx context.Context, q storage.Querier, community actors.ID, host int64) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM memberships m
		JOIN actors a ON a.id = m.who
		WHERE m.community = $1 AND a.host = $2`, community, host).Scan(&n)
	return n, err
}
