package timelines

import (
	"maps"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// letIn keeps out what only claims to be in a community, which has not announced it.
const letIn = `(p.announced OR p.local)`

// followed are those whom the reader follows.
const followed = `(SELECT followee FROM follows WHERE follower = @reader AND state = 'accepted')`

// What lists hold, as a condition on a row of posts.
const (
	starter = `p.parent_iri = '' AND p.deleted_at IS NULL`
	home    = starter + ` AND (p.author = @reader OR p.author IN ` + followed + `
		OR p.community IN ` + followed + ` AND ` + letIn + `)`
	community = starter + ` AND p.community = @subject AND ` + letIn
	profile   = `p.author = @subject AND p.deleted_at IS NULL`
	local     = `p.parent_iri = '' AND p.scope = 'public'
		AND (p.community IN (SELECT actor FROM communities WHERE access = 'open')) IS TRUE` // no join: the newest of all are gone through
)

// source is a way to posts by key, newest first: an index answers it in that order. A list may have several.
type source struct {
	each  string // a table of what is looked for by itself, so that each is few rows away; "": all at once
	from  string // tables, and which rows of them
	id    string // the column by which the list is paged
	post  string
	by    string // who shares the post
	where string // what more must hold of the post, a row p of posts
}

// in reads tables whose rows name posts that nobody shares.
func in(from, id, post string) source { return source{from: from, id: id, post: post, by: "0::bigint"} }

// inPosts reads posts themselves.
func inPosts(where string) source { return in("posts p WHERE "+where, "p.id", "p.id") }

// inBoosts reads what is shared.
func inBoosts(where string) source {
	return source{from: "boosts b WHERE " + where, id: "b.id", post: "b.post", by: "b.who"}
}

// of reads it for each row of a table.
func (s source) of(each string) source {
	s.each = each
	return s
}

// and narrows it.
func (s source) and(where string) source {
	s.where += " AND " + where
	return s
}

// query gives what it holds of a part of a list that may be shown. The inner query has columns of one index
// alone, and OFFSET 0 keeps the rest out of it: what an index says of posts that nobody is shown is not read from the table.
func (s source) query(p Page, shown string) string {
	q := `
		SELECT k.id, k.post, k.by
		FROM (
			SELECT ` + s.id + ` AS id, ` + s.post + ` AS post, ` + s.by + ` AS by
			FROM ` + s.from + p.between(s.id) + `
			ORDER BY ` + s.id + p.order() + `
			OFFSET 0) k
		WHERE EXISTS (
			SELECT FROM posts p
			WHERE p.id = k.post AND ` + shown + s.where + `
			OFFSET 0)
		ORDER BY k.id` + p.order() + `
		LIMIT @limit`
	if s.each != "" {
		q = `
		SELECT k.id, k.post, k.by
		FROM ` + s.each + `
		CROSS JOIN LATERAL (` + q + `) k`
	}
	return q
}

// selection is what a list holds, with what its sources ask for.
type selection struct {
	sources []source
	args    map[string]any
	shunned bool // also of whom the reader shuns
}

// about is a selection of what has to do with an actor.
func about(subject actors.ID, sources ...source) selection {
	return selection{sources: sources}.with("subject", int64(subject))
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

// asked are the parameters of a query for a part of a list.
func asked(r access.Reader, p Page, of selection) storage.Named {
	args := storage.Named{"reader": int64(r.ID), "reader_host": nil, "before": p.Before, "after": p.After, "limit": p.limit()}
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
		return " ASC"
	}
	return " DESC"
}

// query gives the rows of a part of a list that the reader may see. Each source gives as many as are wanted, so
// that no more are read.
func (of selection) query(r access.Reader, p Page) string {
	shown := r.Visible("p")
	if !of.shunned {
		shown += " AND NOT " + access.ShunnedAuthor("p")
	}
	queries := make([]string, len(of.sources))
	for i, s := range of.sources {
		queries[i] = "(" + s.query(p, shown) + ")"
	}
	return `
		SELECT id, post, by
		FROM (` + strings.Join(queries, `
		UNION`) + `) e
		ORDER BY id` + p.order() + `
		LIMIT @limit`
}
