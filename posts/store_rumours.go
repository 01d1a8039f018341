package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// mostRumours of one post count within the time that they stay. Who asks tries five times
// at least: what is only said to be deleted comes in the end.
const mostRumours = 3

func upsertRumour(ctx context.Context, tx storage.Tx, iri string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO rumours (iri, at)
		VALUES ($1, $2)
		ON CONFLICT (iri) DO UPDATE
		SET turn = DEFAULT, at = excluded.at, said = rumours.said + 1
		WHERE rumours.said < $3`, iri, at, mostRumours)
	return err
}

func nextTurn(ctx context.Context, q storage.Querier) (turn int64, err error) {
	err = q.QueryRow(ctx, `SELECT nextval(pg_get_serial_sequence('rumours', 'turn'))`).Scan(&turn)
	return turn, err
}

func (s *shelf) queueRumours(b *pgx.Batch, iris []string) {
	type rumour struct {
		IRI  string
		Turn int64
	}
	b.Queue(`
		SELECT iri, turn
		FROM rumours
		WHERE iri = ANY($1)`, iris).Query(byKey(&s.rumours, func(r rumour) (string, int64) { return r.IRI, r.Turn }))
}

func deleteRumours(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM rumours
		WHERE iri IN (
			SELECT iri
			FROM rumours
			WHERE at < @before
			LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}
