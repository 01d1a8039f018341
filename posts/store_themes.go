package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/communities"
	"passerelles/storage"
)

// selectPostThemes gives those of the community in which a post stands.
const selectPostThemes = `
	SELECT x.post, x.ruled, t.id, t.community, t.iri, t.name, t.description, t.place, t.retired_at IS NOT NULL AS retired
	FROM post_themes x
	JOIN themes t ON t.id = x.theme
	JOIN posts p ON p.id = x.post AND p.community = t.community
	WHERE x.post = ANY(@ids) AND x.holds
	ORDER BY x.post, t.retired_at IS NOT NULL, t.place, t.id`

type themeRow struct {
	Post  int64
	Ruled bool
	communities.Theme
}

func (h hanging) readThemes(rows pgx.Rows) error {
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[themeRow])
	for _, r := range all {
		h.themes[r.Post] = append(h.themes[r.Post], Theme{r.Theme, r.Ruled})
	}
	return err
}

// queueThemes writes what the author of a post says of its themes: what who animates the
// community said of one of them stands.
func queueThemes(b *pgx.Batch, post int64, all []Theme, at time.Time) {
	ids := themeIDs(all)
	b.Queue(`
		DELETE FROM post_themes
		WHERE post = $1 AND NOT ruled AND theme <> ALL($2)`, post, ids)
	if len(ids) > 0 {
		b.Queue(`
			INSERT INTO post_themes (post, theme, holds, ruled, at)
			SELECT $1, unnest($2::bigint[]), true, false, $3
			ON CONFLICT (post, theme) DO NOTHING`, post, ids, at)
	}
}

func themeIDs(all []Theme) []int64 {
	ids := make([]int64, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	return ids
}

const deleteThemes = `DELETE FROM post_themes WHERE post = $1`

// ruleTheme writes what who animates a community says of a theme of a post, if nothing later was
// said; changed tells whether it was otherwise before.
func ruleTheme(ctx context.Context, tx storage.Tx, post, theme int64, holds bool, at time.Time) (changed bool, err error) {
	err = tx.QueryRow(ctx, `
		WITH was AS (
			SELECT holds, ruled, at
			FROM post_themes
			WHERE post = @post AND theme = @theme
		), said AS (
			INSERT INTO post_themes (post, theme, holds, ruled, at)
			VALUES (@post, @theme, @holds, true, @at)
			ON CONFLICT (post, theme) DO UPDATE
			SET holds = excluded.holds, ruled = true, at = excluded.at
			WHERE NOT post_themes.ruled OR post_themes.at < excluded.at
			RETURNING holds
		)
		SELECT EXISTS (SELECT FROM said) AND @holds::boolean <> coalesce((SELECT holds FROM was), false)`,
		pgx.NamedArgs{"post": post, "theme": theme, "holds": holds, "at": at}).Scan(&changed)
	return changed, err
}

// countThemes counts those that a post has beside one.
func countThemes(ctx context.Context, q storage.Querier, post, beside int64) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM post_themes
		WHERE post = $1 AND theme <> $2 AND holds`, post, beside).Scan(&n)
	return n, err
}

// takenAway gives the themes that who animates its community took from a post.
func takenAway(ctx context.Context, q storage.Querier, post int64) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT theme
		FROM post_themes
		WHERE post = $1 AND ruled AND NOT holds`, post) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}
