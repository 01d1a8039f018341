package actors

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// searchKnown gives communities first, then ours, then the others.
func searchKnown(ctx context.Context, q storage.Querier, query, typed string, limit int) ([]known, error) {
	rows, _ := q.Query(ctx, selectKnown+`
	WHERE a.gone_at IS NULL
		AND a.kind IN ('person', 'group', 'service', 'organization')
		AND actor_words(a.name, a.title) @@ to_tsquery('pg_catalog.simple', folded(@query))
		AND (a.kind = 'group' OR a.discoverable OR lower(a.name) = lower(@typed))
		AND coalesce(c.access, a.access) <> 'confidential'
		AND NOT EXISTS (SELECT FROM host_policies s WHERE s.policy = 'suspended'
			AND (h.name = s.host OR h.name LIKE s.host || ':%' OR h.name LIKE '%.' || s.host))
	ORDER BY a.kind <> 'group', a.host IS NOT NULL, a.name, a.id
	LIMIT @limit`, pgx.NamedArgs{"query": query, "typed": typed, "limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[known])
}
