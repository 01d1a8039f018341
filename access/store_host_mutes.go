package access

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// insertHostMute keeps the name of a server of which nobody here has heard until it is known, which
// a trigger does. Should it become known at this moment, one of the two waits for the other.
func insertHostMute(ctx context.Context, tx storage.Tx, muter actors.ID, host string, at time.Time) error {
	args := pgx.NamedArgs{"muter": muter, "host": host, "at": at}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('host ' || @host::text, 0))`, args); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		WITH known AS (
			INSERT INTO host_mutes (muter, host, since)
			SELECT @muter, id, @at
			FROM hosts
			WHERE name = @host
			ON CONFLICT (muter, host) DO NOTHING)
		INSERT INTO early_host_mutes (muter, host, since)
		SELECT @muter, @host, @at
		WHERE NOT EXISTS (SELECT FROM hosts WHERE name = @host)
		ON CONFLICT (muter, host) DO NOTHING`, args)
	return err
}

// hostKnown is fault.Invalid of a server that is not here.
func hostKnown(ctx context.Context, q storage.Querier, host string) error {
	var known bool
	err := q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM hosts WHERE name = $1)`, host).Scan(&known)
	if err == nil && !known {
		err = errNoHost
	}
	return err
}

func deleteHostMute(ctx context.Context, tx storage.Tx, muter actors.ID, host string) error {
	_, err := tx.Exec(ctx, `
		WITH early AS (
			DELETE FROM early_host_mutes
			WHERE muter = $1 AND host = $2)
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
		UNION ALL
		SELECT host
		FROM early_host_mutes
		WHERE muter = $1
		ORDER BY 1`, muter) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
