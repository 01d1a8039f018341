package documents

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// postVersion names the version of a post's row: another after each change of it; "" of what is
// not there, which is then looked for like what is not for everybody.
func postVersion(ctx context.Context, q storage.Querier, id int64) (string, error) {
	var version string
	err := q.QueryRow(ctx, `
		SELECT xmin::text
		FROM posts
		WHERE id = $1`, id).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return version, err
}

// usage is what NodeInfo tells of our size.
type usage struct {
	Members, Posts, Comments int
	ActiveMonth              int
	ActiveHalfYear           int
}

func countUsage(ctx context.Context, q storage.Querier, month, halfYear int64) (usage, error) {
	rows, _ := q.Query(ctx, `
		SELECT (SELECT count(*) FROM members) AS members,
		       count(*) FILTER (WHERE parent_iri = '') AS posts,
		       count(*) FILTER (WHERE parent_iri <> '') AS comments,
		       count(DISTINCT author) FILTER (WHERE id >= @month) AS active_month,
		       count(DISTINCT author) FILTER (WHERE id >= @half_year) AS active_half_year
		FROM posts
		WHERE local AND deleted_at IS NULL AND scope = 'public'`,
		pgx.NamedArgs{"month": month, "half_year": halfYear}) // CollectExactlyOneRow returns Query's error
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[usage])
}
