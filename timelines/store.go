package timelines

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// letIn keeps out what only claims to be in a community, which has not announced it.
const letIn = `(p.announced OR p.local)`

// What each list holds, as a condition on a row of posts.
const (
	home = `p.parent_iri = '' AND (p.author = @reader
		OR p.author IN (SELECT followee FROM follows WHERE follower = @reader AND state = 'accepted')
		OR p.community IN (SELECT followee FROM follows WHERE follower = @reader AND state = 'accepted') AND ` + letIn + `)`
	community = `p.parent_iri = '' AND p.community = @subject AND ` + letIn
	themed    = community + ` AND EXISTS (SELECT FROM post_themes t WHERE t.post = p.id AND t.theme = @theme AND t.holds)`
	profile   = `p.author = @subject`
	local     = `p.parent_iri = '' AND p.scope = 'public'
		AND p.community IN (SELECT actor FROM communities WHERE access = 'open')`
)

func visibleIDs(ctx context.Context, q storage.Querier, r access.Reader, p Page, where string, subject actors.ID) ([]int64, error) {
	args := pgx.NamedArgs{"reader": int64(r.ID), "subject": int64(subject), "before": p.Before, "after": p.After, "theme": p.theme, "limit": p.limit()}
	if r.Host != "" {
		args["reader_host"] = r.Host
	}
	before := ""
	if p.Before > 0 {
		before = " AND p.id < @before"
	}
	if p.After > 0 {
		before += " AND p.id > @after"
	}
	order := "DESC"
	if p.Oldest {
		order = "ASC"
	}
	if where != profile {
		before += " AND NOT " + access.ShunnedAuthor("p")
	}
	rows, _ := q.Query(ctx, `
		SELECT p.id
		FROM posts p
		WHERE p.deleted_at IS NULL AND `+where+before+` AND `+access.Visible("p")+`
		ORDER BY p.id `+order+`
		LIMIT @limit`, args) // CollectRows returns Query's error
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if p.Oldest {
		slices.Reverse(ids)
	}
	return ids, err
}
