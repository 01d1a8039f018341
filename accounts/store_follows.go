package accounts

import (
	"context"
	"time"

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

// insertMove says whether somebody may move: not within the rest after a Move that brought
// them here, or that took them elsewhere. Moves that have rested are forgotten.
func insertMove(ctx context.Context, tx storage.Tx, from, to actors.ID, now time.Time) (may bool, err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM moves WHERE at <= $1`, now.Add(-restBetweenMoves)); err != nil {
		return false, err
	}
	tag, err := tx.Exec(ctx, `
		INSERT INTO moves (actor, target, at)
		SELECT $1, $2, $3
		WHERE NOT EXISTS (
			SELECT
			FROM moves
			WHERE actor = $1 AND target <> $2 OR target = $1)
		ON CONFLICT (actor) DO UPDATE SET at = moves.at`, from, to, now)
	return tag.RowsAffected() == 1, err
}

// waitingFor gives who asked to follow somebody and waits, the first first.
func waitingFor(ctx context.Context, q storage.Querier, who actors.ID, limit int) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT follower
		FROM follows
		WHERE followee = $1 AND state = 'pending'
		ORDER BY asked_at, follower
		LIMIT $2`, who, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}
