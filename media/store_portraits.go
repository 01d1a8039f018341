package media

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// portraitByID gives none of who is no more, or suspended.
func portraitByID(ctx context.Context, q storage.Querier, id int64) (Portrait, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.id, p.actor, p.type, p.sum, p.content, p.at
		FROM portraits p
		JOIN actors a ON a.id = p.actor
		WHERE p.id = $1
			AND a.gone_at IS NULL
			AND NOT EXISTS (SELECT FROM suspensions s WHERE s.actor = a.id)`, id) // CollectExactlyOneRow returns Query's error
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Portrait])
	return p, orNothing(err)
}

func insertPortrait(ctx context.Context, tx storage.Tx, p Portrait) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO portraits (id, actor, type, sum, content, at)
		VALUES (@id, @actor, @type, @sum, @content, @at)`,
		pgx.NamedArgs{"id": p.ID, "actor": p.Actor, "type": p.Type, "sum": p.Sum, "content": p.Content, "at": p.At})
	return storage.Conflict(err, "portraits_actor_key", "Somebody else changed the picture at the same moment: look at it again.")
}

func deletePortrait(ctx context.Context, tx storage.Tx, actor actors.ID) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM portraits
		WHERE actor = $1`, actor)
	return err
}
