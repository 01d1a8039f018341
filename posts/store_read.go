package posts

import (
	"context"
	"maps"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

const columns = `p.id, p.iri, p.author, p.local, coalesce(p.community, 0) AS community, coalesce(p.parent, 0) AS parent,
		p.parent_iri, p.root, p.kind, p.scope, p.quotable, p.title, p.content, p.source, p.summary, p.sensitive, p.language,
		p.url, p.context, p.published, p.updated, p.announced, p.approved_by, p.deleted_at`

const usualList = 40 // posts, for which room is made at once

// longestList bounds what is read at once: a thread may grow without end.
const longestList = "2000"

func rowsOf(ctx context.Context, q storage.Querier, where string, args map[string]any) ([]row, error) {
	rows, _ := q.Query(ctx, `
	SELECT `+columns+`
	FROM posts p
	WHERE `+where+`
	ORDER BY p.id
	LIMIT `+longestList, storage.Named(args)) // ForEachRow returns Query's error
	var all []row
	var one row
	_, err := pgx.ForEachRow(rows, one.places(), func() error {
		all = append(all, one)
		return nil
	})
	return all, err
}

// places are where the columns go, bound once for all rows.
func (r *row) places() []any {
	return []any{&r.ID, &r.IRI, &r.Author, &r.Local, &r.Community, &r.Parent, &r.ParentIRI, &r.Root, &r.Kind, &r.Scope, &r.Quotable,
		&r.Title, &r.Content, &r.Source, &r.Summary, &r.Sensitive, &r.Language, &r.URL, &r.Context, &r.Published, &r.Updated,
		&r.Announced, &r.ApprovedBy, &r.DeletedAt}
}

// listedRow is a row of posts in a list.
type listedRow struct {
	Key int64
	By  actors.ID
	row
}

// listedRows gives the posts of a list, in no order.
func listedRows(ctx context.Context, q storage.Querier, list string, args storage.Named) ([]listedRow, error) {
	rows, _ := q.Query(ctx, `
	SELECT k.id AS key, k.by, `+columns+`
	FROM (`+list+`) k
	JOIN posts p ON p.id = k.post`, args) // ForEachRow returns Query's error
	all := make([]listedRow, 0, usualList)
	var one listedRow
	_, err := pgx.ForEachRow(rows, append([]any{&one.Key, &one.By}, one.places()...), func() error {
		all = append(all, one)
		return nil
	})
	return all, err
}

func visibleRows(ctx context.Context, q storage.Querier, r access.Reader, where string, args map[string]any) ([]row, error) {
	maps.Copy(args, readerArgs(r))
	return rowsOf(ctx, q, where+" AND "+r.Visible("p"), args)
}

// rowsSeen is visibleRows with what was deleted since.
func rowsSeen(ctx context.Context, q storage.Querier, r access.Reader, where string, args map[string]any) ([]row, error) {
	maps.Copy(args, readerArgs(r))
	return rowsOf(ctx, q, where+" AND "+r.VisibleBefore("p"), args)
}

// readerArgs are what access.Visible asks for.
func readerArgs(r access.Reader) storage.Named {
	args := storage.Named{"reader": int64(r.ID), "reader_host": nil}
	if r.Host != "" {
		args["reader_host"] = r.Host
	}
	return args
}

func visibleReplies(ctx context.Context, q storage.Querier, r access.Reader, parent int64) ([]row, error) {
	return visibleRows(ctx, q, r,
		"p.root = (SELECT root FROM posts WHERE id = @id) AND p.parent = @id", map[string]any{"id": parent})
}

// knownOf gives those posts that are here, deleted or not.
func knownOf(ctx context.Context, q storage.Querier, iris []string) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT iri FROM posts WHERE iri = ANY($1)
		UNION ALL
		SELECT iri FROM tombstones WHERE iri = ANY($1)`, iris) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func saidBy(ctx context.Context, q storage.Querier, of []actors.ID) (map[actors.ID]Said, error) {
	rows, _ := q.Query(ctx, `
		SELECT n.who, n.posts, p.published
		FROM (
			SELECT author AS who, count(*) AS posts, max(id) AS last
			FROM posts
			WHERE author = ANY($1) AND deleted_at IS NULL AND scope IN ('public', 'unlisted')
			GROUP BY author
			UNION ALL
			SELECT community, count(*), max(id)
			FROM posts
			WHERE community = ANY($1) AND deleted_at IS NULL AND scope IN ('public', 'unlisted')
				AND parent_iri = '' AND (announced OR local)
			GROUP BY community) n
		JOIN posts p ON p.id = n.last`, of) // ForEachRow returns Query's error
	all := make(map[actors.ID]Said, len(of))
	var id actors.ID
	var one Said
	_, err := pgx.ForEachRow(rows, []any{&id, &one.Posts, &one.Last}, func() error {
		all[id] = one
		one = Said{}
		return nil
	})
	return all, err
}
