package access

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

func insertHostMute(ctx context.Context, q storage.Querier, muter actors.ID, host string, at time.Time) error {
	tag, err := q.Exec(ctx, `
		INSERT INTO host_mutes (muter, host, since)
		SELECT @muter, id, @at
		FROM hosts
		WHERE name = @host
		ON CONFLICT (muter, host) DO UPDATE
		SET since = host_mutes.since`, pgx.NamedArgs{"muter": muter, "host": host, "at": at})
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.New(fault.NotFound, "Nobody here has heard of this server.")
	}
	return err
}

func deleteHostMute(ctx context.Context, q storage.Querier, muter actors.ID, host string) error {
	_, err := q.Exec(ctx, `
		DELETE FROM host_mutes
		WHERE muter = $1 AND host = (SELECT id FROM hosts WHERE name = $2)`, muter, host)
	return err
}

func mutedHosts(ctx context.Context, q storage.Querier, muter actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT h.name
		FROM host_mutes m
		JOIN hosts h ON h.id = m.host
		WHERE m.muter = $1
		ORDER BY h.name`, muter) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
