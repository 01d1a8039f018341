package timelines

import (
	"context"
	"strings"

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
		WHERE (p.parent_iri = '' AND (
				u.id = p.author
				OR ` + followedBy("p.author") + `
				OR ` + followedBy("p.community") + ` AND (` + letIn + ` OR p.deleted_at IS NOT NULL))
			OR p.scope = 'public' AND EXISTS (
				SELECT FROM post_tags t
				JOIN followed_tags w ON w.tag = t.tag
				WHERE t.post = p.id AND w.member = u.id))
			AND ` + strings.ReplaceAll(notApart("p.author", "p.community"), "@reader", "u.id"),
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
	sees := seeing(gone)
	if !gone {
		sees = "p.open AND NOT " + access.ShunnedAuthor("p") + " OR " + sees
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
		WHERE (`+access.OfReader(sees, "r.id")+`)`, pgx.NamedArgs{"posts": posts, "readers": readers}) // foundBy returns Query's error
	return foundBy[actors.ID](rows)
}

// sharingFor tells who of readers finds boosts in their home timelines, as HomeShared has them.
func sharingFor(ctx context.Context, q storage.Querier, boosts []int64, readers []actors.ID) (map[int64][]actors.ID, error) {
	sees := access.OfReader(access.Visible("p")+" AND NOT "+access.ShunnedAuthor("p")+" AND NOT "+access.Shuns("b.who"), "u.id")
	rows, _ := q.Query(ctx, `
		SELECT b.id, u.id
		FROM boosts b
		JOIN posts p ON p.id = b.post
		JOIN follows f ON f.followee = b.who AND f.state = 'accepted'
		JOIN unnest(@readers::bigint[]) AS u (id) ON u.id = f.follower
		WHERE b.id = ANY(@boosts::bigint[]) AND `+strings.ReplaceAll(notApart("b.who", "NULL"), "@reader", "u.id")+` AND `+sees,
		pgx.NamedArgs{"boosts": boosts, "readers": readers}) // foundBy returns Query's error
	return foundBy[actors.ID](rows)
}

// listing tells which of lists, whosever they are, hold posts, as List has them.
func listing(ctx context.Context, q storage.Querier, lists, posts []int64, gone bool) (map[int64][]int64, error) {
	holds := strings.NewReplacer("@list", "o.id", "@reader", "o.member").Replace(inList)
	if gone {
		holds = strings.ReplaceAll(holds, letIn, "true")
	}
	rows, _ := q.Query(ctx, `
		SELECT o.id, p.id
		FROM lists o, posts p
		WHERE o.id = ANY(@lists::bigint[]) AND p.id = ANY(@posts::bigint[]) AND `+holds+` AND `+access.OfReader(seeing(gone), "o.member"),
		pgx.NamedArgs{"lists": lists, "posts": posts}) // foundBy returns Query's error
	return foundBy[int64](rows)
}

// foundBy gathers pairs.
func foundBy[T ~int64](rows pgx.Rows) (map[int64][]T, error) {
	found := map[int64][]T{}
	var thing int64
	var by T
	_, err := pgx.ForEachRow(rows, []any{&thing, &by}, func() error {
		found[thing] = append(found[thing], by)
		return nil
	})
	return found, err
}

// seeing is whether a reader sees a row p of posts in a list; or, of what is gone, saw it until then.
func seeing(gone bool) string {
	if !gone {
		return access.Visible("p") + " AND NOT " + access.ShunnedAuthor("p")
	}
	return `CASE
			WHEN p.deleted_at IS NOT NULL THEN ` + access.VisibleBefore("p") + `
			ELSE ` + access.VisibleUntil("p") + ` AND NOT ` + access.Visible("p") + `
		END`
}
