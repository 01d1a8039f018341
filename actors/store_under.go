package actors

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// hostsUnder gives the names of a host and of what is below it, of those that we know.
func hostsUnder(ctx context.Context, q storage.Querier, host string) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT name
		FROM hosts
		WHERE $1 = ANY(host_covered_by(name))
		ORDER BY name`, host) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// endFollowsUnder ends the follows from and to those who live on such hosts, in the order of
// the key.
func endFollowsUnder(ctx context.Context, tx storage.Tx, hosts []string, at time.Time) error {
	for _, side := range []string{"followee", "follower"} {
		_, err := storage.InBatches(ctx, tx, `
			WITH theirs AS (
				SELECT f.followee, f.follower
				FROM hosts h
				JOIN actors a ON a.host = h.id
				JOIN follows f ON f.`+side+` = a.id
				WHERE h.name = ANY(@hosts) AND f.state IN ('pending', 'accepted')
				ORDER BY f.followee, f.follower
				LIMIT @most
				FOR UPDATE OF f
			)
			UPDATE follows f
			SET state = 'ended', ended_at = @at
			FROM theirs t
			WHERE f.followee = t.followee AND f.follower = t.follower`, pgx.NamedArgs{"hosts": hosts, "at": at})
		if err != nil {
			return err
		}
	}
	return nil
}
