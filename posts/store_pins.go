package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// insertPin says whether there was room.
func insertPin(ctx context.Context, q storage.Querier, who actors.ID, post int64, at time.Time) (fits bool, err error) {
	tag, err := q.Exec(ctx, `
		INSERT INTO pins (who, post, at)
		SELECT @who, @post, @at
		WHERE (SELECT count(*) FROM pins n JOIN posts p ON p.id = n.post WHERE n.who = @who AND n.post <> @post AND p.deleted_at IS NULL) < @most
		ON CONFLICT (who, post) DO UPDATE
		SET at = excluded.at`, pgx.NamedArgs{"who": who, "post": post, "at": at, "most": MostPins})
	return tag.RowsAffected() > 0, err
}

func deletePin(ctx context.Context, q storage.Querier, who actors.ID, post int64) error {
	_, err := q.Exec(ctx, `
		DELETE FROM pins
		WHERE who = $1 AND post = $2`, who, post)
	return err
}

func pinsOf(ctx context.Context, q storage.Querier, who actors.ID) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT post
		FROM pins
		WHERE who = $1
		ORDER BY at DESC, post
		LIMIT $2`, who, MostPins) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func versionsOf(ctx context.Context, q storage.Querier, post int64) ([]Version, error) {
	rows, _ := q.Query(ctx, `
		SELECT at, title, content
		FROM post_versions
		WHERE post = $1
		ORDER BY at`, post) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Version])
}
