package timelines

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/storage"
)

// What somebody keeps, whoever wrote it.
var (
	bookmarked = selection{shunned: true, sources: []source{in("bookmarks m WHERE m.member = @reader", "m.id", "m.post")}}
	favourite  = selection{shunned: true, sources: []source{
		in("likes l WHERE l.who = @reader", "(extract(epoch FROM l.at) * 1000000)::bigint", "l.post")}}
)

type exchange struct {
	Root, Last int64
	Unread     bool
}

// exchangesOf gives all, or the one of a first post.
func exchangesOf(ctx context.Context, q storage.Querier, r access.Reader, p Page, root int64) ([]exchange, error) {
	rows, _ := q.Query(ctx, `
		SELECT x.root, x.last, x.last > coalesce(e.read, 0) AND NOT x.mine
		FROM (
			SELECT DISTINCT ON (p.root) p.root, p.id AS last, p.author = @reader AS mine
			FROM (
				SELECT id FROM posts WHERE author = @reader AND scope = 'direct'
				UNION
				SELECT post FROM post_mentions WHERE who = @reader
				OFFSET 0) k
			JOIN posts p ON p.id = k.id
			WHERE (@root::bigint = 0 OR p.root = @root) AND p.scope = 'direct' AND p.deleted_at IS NULL
				AND NOT `+access.ShunnedAuthor("p")+` AND `+access.Visible("p")+`
			ORDER BY p.root, p.id DESC) x
		LEFT JOIN exchanges e ON e.member = @reader AND e.root = x.root
		WHERE x.last > coalesce(e.away, 0)`+p.between("x.last")+`
		ORDER BY x.last `+p.order()+`
		LIMIT @limit`, asked(r, p, selection{}.with("root", root))) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[exchange])
	if p.Oldest {
		slices.Reverse(all)
	}
	return all, err
}
