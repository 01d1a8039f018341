package streaming

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// followersAmong gives who of readers follows whom.
func followersAmong(ctx context.Context, q storage.Querier, whom, readers []actors.ID) (map[actors.ID][]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT followee, follower
		FROM follows
		WHERE followee = ANY($1)
			AND follower = ANY($2)
			AND state = 'accepted'`, whom, readers) // ForEachRow returns Query's error
	found := map[actors.ID][]actors.ID{}
	var followee, follower actors.ID
	_, err := pgx.ForEachRow(rows, []any{&followee, &follower}, func() error {
		found[followee] = append(found[followee], follower)
		return nil
	})
	return found, err
}
