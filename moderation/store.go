package moderation

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func insertReport(ctx context.Context, tx storage.Tx, r Report) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO reports (iri, by, about, reason, at)
		VALUES (@iri, @by, @about, @reason, @at)
		ON CONFLICT (by, iri) DO NOTHING`,
		pgx.NamedArgs{"iri": r.IRI, "by": r.By, "about": r.About, "reason": r.Reason, "at": r.At})
	return err
}

func reportsBy(ctx context.Context, q storage.Querier, by actors.ID) ([]Report, error) {
	rows, _ := q.Query(ctx, `
		SELECT iri, by, about, reason, at
		FROM reports
		WHERE by = $1
		ORDER BY id DESC
		LIMIT 100`, by) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Report])
}
