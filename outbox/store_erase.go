package outbox

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

func blankAllBy(ctx context.Context, q storage.Querier, actor actors.ID) error {
	_, err := storage.InBatches(ctx, q, `
		UPDATE activities
		SET body = ''
		WHERE id = ANY(ARRAY(
			SELECT id
			FROM activities
			WHERE actor = @actor AND type <> 'Delete' AND body <> ''
			ORDER BY id
			LIMIT @most))`, pgx.NamedArgs{"actor": actor})
	return err
}
