package timelines

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// mayFind gives the readers, of @readers, whom a list concerns for a row p of posts. Each looks for its readers
// by key: as a condition, a list of thousands would be gone through for each of them.
var mayFind = map[string]string{
	InHome: `
		SELECT u.id
		FROM ` + readers + `
		WHERE p.parent_iri = '' AND (
			u.id = p.author
			OR ` + followedBy("p.author") + `
			OR ` + followedBy("p.community") + ` AND (` + letIn + ` OR p.deleted_at IS NOT NULL))`,
	InLocal: `
		SELECT u.id
		FROM ` + readers + `
		WHERE ` + local,
	InPublic: `
		SELECT u.id
		FROM ` + readers + `
		WHERE p.scope = 'public'`,
	InDirect: `
		SELECT u.id
		FROM ` + readers + `
		WHERE p.scope = 'direct' AND (u.id = p.author OR EXISTS (SELECT FROM post_mentions m WHERE m.post = p.id AND m.who = u.id))`,
}

const readers = `unnest(@readers::bigint[]) AS u (id)`

func followedBy(whom string) string {
	return `EXISTS (SELECT FROM follows f WHERE f.followee = ` + whom + ` AND f.follower = u.id AND f.state = 'accepted')`
}

// audience asks once for each post whether everybody sees it: then each reader does.
func audience(ctx context.Context, q storage.Querier, list string, posts []int64, readers []actors.ID, gone bool) (map[int64][]actors.ID, error) {
	sees := "(p.open OR " + access.Visible("p") + ") AND NOT " + access.ShunnedAuthor("p")
	if gone {
		sees = `CASE
			WHEN p.deleted_at IS NOT NULL THEN ` + access.VisibleBefore("p") + `
			ELSE ` + access.VisibleUntil("p") + ` AND NOT ` + access.Visible("p") + `
		END`
	}
	rows, _ := q.Query(ctx, `
		WITH p AS MATERIALIZED (
			SELECT id, iri, author, local, community, parent_iri, scope, announced, deleted_at, `+access.OfReader(access.Visible("p"), "0")+` AS open
			FROM posts p
			WHERE p.id = ANY(@posts::bigint[])
		)
		SELECT p.id, r.id
		FROM p
		CROSS JOIN LATERAL (`+mayFind[list]+`) AS r
		WHERE `+access.OfReader(sees, "r.id"), pgx.NamedArgs{"posts": posts, "readers": readers}) // ForEachRow returns Query's error
	found := map[int64][]actors.ID{}
	var post int64
	var reader actors.ID
	_, err := pgx.ForEachRow(rows, []any{&post, &reader}, func() error {
		found[post] = append(found[post], reader)
		return nil
	})
	return found, err
}
