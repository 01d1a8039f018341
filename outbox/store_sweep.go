package outbox

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

func bringNear(ctx context.Context, q storage.Querier, lease, rest time.Time) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE lanes
		SET rung_until = least(rung_until, @lease), lease_until = least(lease_until, @lease)
		WHERE rung_until > @lease OR lease_until > @lease`, pgx.NamedArgs{"lease": lease})
	batch.Queue(`
		UPDATE host_states
		SET resting_until = @rest
		WHERE resting_until > @rest`, pgx.NamedArgs{"rest": rest})
	batch.Queue(`
		UPDATE deliveries
		SET not_before = @rest
		WHERE not_before > @rest`, pgx.NamedArgs{"rest": rest})
	return q.SendBatch(ctx, batch).Close()
}
