package accounts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// followerHere is one of ours who follows somebody.
type followerHere struct {
	Who    actors.ID
	Blocks bool // the other one
}

func followersHere(ctx context.Context, q storage.Querier, followee, other actors.ID) ([]followerHere, error) {
	rows, _ := q.Query(ctx, `
		SELECT f.follower, EXISTS (SELECT FROM blocks b WHERE b.blocker = f.follower AND b.blocked = $2)
		FROM follows f
		JOIN actors a ON a.id = f.follower
		WHERE f.followee = $1 AND f.state IN ('pending', 'accepted') AND a.host IS NULL AND a.gone_at IS NULL
		ORDER BY f.follower
		LIMIT $3`, followee, other, mostMoved) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[followerHere])
}
