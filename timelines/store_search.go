package timelines

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/storage"
)

// concerning is what the reader wrote, or that names the reader.
const concerning = `(p.author = @reader OR EXISTS (SELECT FROM post_mentions m WHERE m.post = p.id AND m.who = @reader))`

// findable is what its author or its community lets be found.
const findable = `(p.scope <> 'unlisted' AND (a.indexable OR p.community IS NOT NULL AND EXISTS (
	SELECT FROM posts h WHERE h.id = p.root AND h.community = p.community AND (h.announced OR h.local))))`

func searchedIDs(ctx context.Context, q storage.Querier, r access.Reader, p Page, query string) ([]int64, error) {
	args := pgx.NamedArgs{"reader": int64(r.ID), "query": query, "before": p.Before, "limit": p.limit()}
	rows, _ := q.Query(ctx, `
		SELECT p.id
		FROM posts p
		JOIN actors a ON a.id = p.author
		WHERE p.deleted_at IS NULL
			AND post_words(p.title, p.content) @@ to_tsquery('pg_catalog.french', folded(@query))
			AND (@before::bigint = 0 OR p.id < @before::bigint)
			AND (`+concerning+` OR `+findable+`)
			AND `+access.Visible("p")+`
			AND NOT `+access.ShunnedAuthor("p")+`
		ORDER BY p.id DESC
		LIMIT @limit`, args) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
