package timelines

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// mayFind gives the readers r, of @readers, whom a list concerns for a row p of posts.
var mayFind = map[string]string{
	InHome: `
		SELECT p.author AS id
		WHERE p.parent_iri = ''
		UNION
		SELECT f.follower
		FROM follows f
		WHERE p.parent_iri = '' AND f.followee = p.author AND f.state = 'accepted' AND f.follower = ANY(@readers::bigint[])
		UNION
		SELECT f.follower
		FROM follows f
		WHERE p.parent_iri = '' AND f.followee = p.community AND f.state = 'accepted' AND f.follower = ANY(@readers::bigint[])
			AND (` + letIn + ` OR p.deleted_at IS NOT NULL)`,
	InLocal: `
		SELECT id
		FROM unnest(@readers::bigint[]) AS u (id)
		WHERE ` + local,
	InPublic: `
		SELECT id
		FROM unnest(@readers::bigint[]) AS u (id)
		WHERE p.scope = 'public'`,
	InDirect: `
		SELECT p.author AS id
		WHERE p.scope = 'direct'
		UNION
		SELECT m.who
		FROM post_mentions m
		WHERE m.post = p.id AND p.scope = 'direct'`,
}

func audience(ctx context.Context, q storage.Querier, list string, posts []int64, readers []actors.ID, gone bool) (map[int64][]actors.ID, error) {
	sees := access.Visible("p") + " AND NOT " + access.ShunnedAuthor("p")
	if gone {
		sees = `CASE
			WHEN p.deleted_at IS NOT NULL THEN ` + access.VisibleBefore("p") + `
			ELSE ` + access.VisibleUntil("p") + ` AND NOT ` + access.Visible("p") + `
		END`
	}
	rows, _ := q.Query(ctx, `
		SELECT p.id, r.id
		FROM posts p
		CROSS JOIN LATERAL (`+mayFind[list]+`) AS r
		WHERE p.id = ANY(@posts::bigint[])
			AND r.id = ANY(@readers::bigint[])
			AND `+access.OfReader(sees, "r.id"), pgx.NamedArgs{"posts": posts, "readers": readers}) // ForEachRow returns Query's error
	found := map[int64][]actors.ID{}
	var post int64
	var reader actors.ID
	_, err := pgx.ForEachRow(rows, []any{&post, &reader}, func() error {
		found[post] = append(found[post], reader)
		return nil
	})
	return found, err
}
