package timelines

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// letIn keeps out what only claims to be in a community, which has not announced it.
const letIn = `(p.announced OR p.local)`

// followed are those whom the reader follows.
const followed = `(SELECT followee FROM follows WHERE follower = @reader AND state = 'accepted')`

// What each list holds, as a condition on a row of posts.
const (
	home = `p.parent_iri = '' AND (p.author = @reader OR p.author IN ` + followed + `
		OR p.community IN ` + followed + ` AND ` + letIn + `)`
	community = `p.parent_iri = '' AND p.community = @subject AND ` + letIn
	themed    = community + ` AND EXISTS (SELECT FROM post_themes t WHERE t.post = p.id AND t.theme = @theme AND t.holds)`
	profile   = `p.author = @subject`
	local     = `p.parent_iri = '' AND p.scope = 'public'
		AND p.community IN (SELECT actor FROM communities WHERE access = 'open')`
)

// selection is which posts a list holds, with what its condition asks for.
type selection struct {
	where string
	args  map[string]any
}

// about is a selection of what has to do with an actor.
func about(where string, subject actors.ID) selection {
	return selection{where, map[string]any{"subject": int64(subject)}}
}

// with gives it one thing more.
func (s selection) with(name string, value any) selection {
	args := maps.Clone(s.args)
	if args == nil {
		args = map[string]any{}
	}
	args[name] = value
	s.args = args
	return s
}

// and narrows it.
func (s selection) and(where string) selection {
	s.where = "(" + s.where + ") AND " + where
	return s
}

// or widens it.
func (s selection) or(where string) selection {
	s.where = "(" + s.where + ") OR " + where
	return s
}

// asked are the parameters of a query for a part of a list.
func asked(r access.Reader, p Page, of selection) pgx.NamedArgs {
	args := pgx.NamedArgs{"reader": int64(r.ID), "before": p.Before, "after": p.After, "limit": p.limit()}
	maps.Copy(args, of.args)
	if r.Host != "" {
		args["reader_host"] = r.Host
	}
	return args
}

// between bounds an id, which stands in a column, to the part that is wanted.
func (p Page) between(column string) (where string) {
	if p.Before > 0 {
		where = " AND " + column + " < @before"
	}
	if p.After > 0 {
		where += " AND " + column + " > @after"
	}
	return where
}

func (p Page) order() string {
	if p.Oldest {
		return "ASC"
	}
	return "DESC"
}

func visibleIDs(ctx context.Context, q storage.Querier, r access.Reader, p Page, of selection) ([]int64, error) {
	if of.where != profile {
		of = of.and("NOT " + access.ShunnedAuthor("p"))
	}
	rows, _ := q.Query(ctx, `
		SELECT p.id
		FROM posts p
		WHERE p.deleted_at IS NULL AND `+of.where+p.between("p.id")+` AND `+access.Visible("p")+`
		ORDER BY p.id `+p.order()+`
		LIMIT @limit`, asked(r, p, of)) // CollectRows returns Query's error
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if p.Oldest {
		slices.Reverse(ids)
	}
	return ids, err
}
