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

// openHere is what everybody may know of ours.
const openHere = `a.gone_at IS NULL AND a.host IS NULL AND (
		a.kind = 'group' AND c.access <> 'confidential' OR a.kind = 'person' AND a.discoverable)
	AND NOT EXISTS (SELECT FROM suspensions s WHERE s.actor = a.id)`

func listedKnown(ctx context.Context, q storage.Querier, offset, limit int) ([]known, error) {
	rows, _ := q.Query(ctx, selectKnown+`
	WHERE `+openHere+`
	ORDER BY a.kind <> 'group', a.name
	OFFSET $1
	LIMIT $2`, offset, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[known])
}

func unfollowedKnown(ctx context.Context, q storage.Querier, by ID, limit int) ([]known, error) {
	rows, _ := q.Query(ctx, selectKnown+`
	WHERE `+openHere+` AND a.kind = 'group' AND c.archived_at IS NULL
		AND NOT EXISTS (SELECT FROM follows f WHERE f.followee = a.id AND f.follower = $1 AND f.state IN ('accepted', 'pending'))
		AND NOT EXISTS (SELECT FROM memberships m WHERE m.community = a.id AND m.who = $1)
	ORDER BY (SELECT count(*) FROM follows f WHERE f.followee = a.id AND f.state = 'accepted') DESC, a.name
	LIMIT $2`, by, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[known])
}

func peers(ctx context.Context, q storage.Querier) ([]string, error) {
	rows, _ := q.Query(ctx, `
		WITH ours AS (
			SELECT a.id
			FROM actors a
			LEFT JOIN communities c ON c.actor = a.id
			WHERE a.host IS NULL AND (a.kind = 'person' OR c.access = 'open')
		)
		SELECT DISTINCT h.name
		FROM hosts h
		JOIN actors a ON a.host = h.id
		JOIN follows f ON f.state = 'accepted' AND (
			f.follower = a.id AND f.followee IN (SELECT id FROM ours)
			OR f.followee = a.id AND f.follower IN (SELECT id FROM ours) AND a.access <> 'confidential')
		ORDER BY h.name
		LIMIT 5000`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
