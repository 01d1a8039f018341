package documents

import (
	"context"
	"errors"
	"time"

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

func weeks(ctx context.Context, q storage.Querier, first time.Time, n int) ([]Week, error) {
	rows, _ := q.Query(ctx, `
		SELECT w.begins, coalesce(p.posts, 0), coalesce(p.authors, 0), coalesce(m.members, 0)
		FROM generate_series(@first::timestamptz, @first::timestamptz + (@n - 1) * interval '7 days', interval '7 days') AS w (begins)
		LEFT JOIN (
			SELECT date_bin('7 days', published, @first) AS begins, count(*) AS posts, count(DISTINCT author) AS authors
			FROM posts
			WHERE local AND deleted_at IS NULL AND scope = 'public' AND id >= @id
			GROUP BY 1) p ON p.begins = w.begins
		LEFT JOIN (
			SELECT date_bin('7 days', created_at, @first) AS begins, count(*) AS members
			FROM members
			WHERE created_at >= @first
			GROUP BY 1) m ON m.begins = w.begins
		ORDER BY w.begins DESC`, pgx.NamedArgs{"first": first, "n": n, "id": storage.FirstID(first)}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Week])
}
