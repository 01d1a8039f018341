package outbox

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// Collection lists the public activities of an actor, newest first, those whose
// number is under before; 0: from the newest.
func Collection(ctx context.Context, q storage.Querier, actor actors.ID, before int64, limit int) ([]Stored, error) {
	list, err := listedActivities(ctx, q, actor, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the outbox of %d: %w", actor, err)
	}
	return list, nil
}

// CollectionSize counts the public activities of an actor.
func CollectionSize(ctx context.Context, q storage.Querier, actor actors.ID) (int, error) {
	var n int
	err := q.QueryRow(ctx, `SELECT count(*) FROM activities WHERE actor = $1 AND listed`, actor).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count the outbox of %d: %w", actor, err)
	}
	return n, nil
}

// ActivityByIRI finds what was sent under an IRI.
func ActivityByIRI(ctx context.Context, q storage.Querier, iri string) (Stored, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, iri, actor, type, object, body, listed, published
		FROM activities
		WHERE iri = $1`, iri) // CollectExactlyOneRow returns Query's error
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Stored])
	return s, storage.NotFound(err, "this activity does not exist")
}

func listedActivities(ctx context.Context, q storage.Querier, actor actors.ID, before int64, limit int) ([]Stored, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, iri, actor, type, object, body, listed, published
		FROM activities
		WHERE actor = @actor AND listed AND (@before = 0 OR id < @before)
		ORDER BY id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"actor": actor, "before": before, "limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Stored])
}
