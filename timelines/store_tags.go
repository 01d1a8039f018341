package timelines

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/storage"
)

// underTheme are the thread starters of a community under one of its themes.
var underTheme = in("post_themes t WHERE t.theme = @theme AND t.holds", "t.post", "t.post").and(community)

// What stands under hashtags, and under the themes that make them, for everybody.
var (
	underTags = in("post_tags t WHERE t.tag = w.tag", "t.post", "t.post").
			of("unnest(@tags::text[]) AS w (tag)").and("p.scope = 'public'")
	underThemes = in("post_themes t WHERE t.theme = w.theme AND t.holds", "t.post", "t.post").
			of("unnest(@themes::bigint[]) AS w (theme)").and("p.scope = 'public'")
)

const (
	underAll  = `(SELECT count(*) FROM post_tags t WHERE t.post = p.id AND t.tag = ANY(@all)) = cardinality(@all)`
	underOne  = `EXISTS (SELECT FROM post_tags t WHERE t.post = p.id AND t.tag = @tag OFFSET 0)`
	underNone = `EXISTS (SELECT FROM post_tags t WHERE t.post = p.id AND t.tag = ANY(@none))`
)

// themesMaking gives the themes whose names, without what no hashtag holds, are these.
func themesMaking(ctx context.Context, q storage.Querier, tags []string) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT id
		FROM themes
		WHERE regexp_replace(folded, '[ \-''’/&,.:()]', '', 'g') = ANY($1)`, tags) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// inPublic is what counts for trends.
var inPublic = `p.scope = 'public' AND ` + access.Visible("p")

func trendingTags(ctx context.Context, q storage.Querier, since time.Time, limit, offset int) ([]Use, error) {
	rows, _ := q.Query(ctx, `
		WITH used AS (
			SELECT t.tag, t.name, p.author, p.id, date_trunc('day', p.published, 'UTC') AS day
			FROM posts p
			JOIN post_tags t ON t.post = p.id
			WHERE p.id >= @first AND p.published >= @since AND `+inPublic+`
		), most AS (
			SELECT tag, count(DISTINCT author) AS authors, max(name) AS name
			FROM used
			GROUP BY tag
			ORDER BY 2 DESC, tag
			LIMIT @limit OFFSET @offset
		)
		SELECT m.tag, m.name, u.day, count(*), count(DISTINCT u.author)
		FROM most m
		JOIN used u ON u.tag = m.tag
		GROUP BY m.authors, m.tag, m.name, u.day
		ORDER BY m.authors DESC, m.tag, u.day DESC`,
		pgx.NamedArgs{"reader": int64(0), "first": storage.FirstID(since), "since": since, "limit": limit, "offset": offset}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Use])
}

func usesOf(ctx context.Context, q storage.Querier, tag string, since time.Time) ([]Use, error) {
	rows, _ := q.Query(ctx, `
		SELECT t.tag, max(t.name), date_trunc('day', p.published, 'UTC') AS day, count(*), count(DISTINCT p.author)
		FROM post_tags t
		JOIN posts p ON p.id = t.post
		WHERE t.tag = @tag AND t.post >= @first AND p.published >= @since AND `+inPublic+`
		GROUP BY t.tag, day
		ORDER BY day DESC`, pgx.NamedArgs{"reader": int64(0), "tag": tag, "first": storage.FirstID(since), "since": since}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Use])
}

func tagsBeginning(ctx context.Context, q storage.Querier, beginning string, limit int) ([]Use, error) {
	rows, _ := q.Query(ctx, `
		SELECT t.tag, max(t.name), max(p.published), count(*), count(DISTINCT p.author)
		FROM post_tags t
		JOIN posts p ON p.id = t.post
		WHERE t.tag LIKE @beginning AND `+inPublic+`
		GROUP BY t.tag
		ORDER BY t.tag
		LIMIT @limit`, pgx.NamedArgs{"reader": int64(0), "beginning": literal(beginning) + "%", "limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Use])
}

// literal takes the meaning of signs in a LIKE away.
func literal(s string) string { return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) }

func talkedIDs(ctx context.Context, q storage.Querier, r access.Reader, since time.Time, limit, offset int) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.id
		FROM posts p
		WHERE p.id >= @first AND p.deleted_at IS NULL AND p.parent_iri = '' AND p.scope = 'public' AND p.community IS NOT NULL
			AND `+letIn+` AND `+access.Visible("p")+` AND NOT `+access.ShunnedAuthor("p")+`
		ORDER BY (SELECT count(DISTINCT a.author) FROM posts a WHERE a.root = p.id AND a.author <> p.author AND a.deleted_at IS NULL)
				+ (SELECT count(*) FROM likes l WHERE l.post = p.id) DESC, p.id DESC
		LIMIT @limit OFFSET @offset`,
		pgx.NamedArgs{"reader": int64(r.ID), "first": storage.FirstID(since), "limit": limit, "offset": offset}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
