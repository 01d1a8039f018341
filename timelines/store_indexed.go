package timelines

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/storage"
)

// indexed is what makes the page of a community of ours fit for search engines.
const indexed = `c.access = 'open' AND g.indexable AND g.gone_at IS NULL`

func indexedCommunities(ctx context.Context, q storage.Querier, limit int) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT g.name
		FROM communities c
		JOIN actors g ON g.id = c.actor
		WHERE `+indexed+`
		ORDER BY g.id DESC
		LIMIT $1`, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func indexedThreads(ctx context.Context, q storage.Querier, limit int) ([]Indexed, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.id, coalesce(p.updated, p.published)
		FROM posts p
		JOIN communities c ON c.actor = p.community
		JOIN actors g ON g.id = c.actor
		JOIN actors a ON a.id = p.author
		WHERE p.parent_iri = '' AND p.local AND p.scope = 'public'
			AND a.indexable AND a.gone_at IS NULL
			AND `+indexed+`
			AND `+access.Visible("p")+`
		ORDER BY p.id DESC
		LIMIT @limit`, pgx.NamedArgs{"reader": int64(0), "limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Indexed])
}
