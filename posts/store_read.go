package posts

import (
	"context"
	"maps"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/media"
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
	return rowsOf(ctx, q, where+" AND "+access.Visible("p"), args)
}

// rowsSeen is visibleRows with what was deleted since.
func rowsSeen(ctx context.Context, q storage.Querier, r access.Reader, where string, args map[string]any) ([]row, error) {
	maps.Copy(args, readerArgs(r))
	return rowsOf(ctx, q, where+" AND "+access.VisibleBefore("p"), args)
}

// readerArgs are what access.Visible asks for.
func readerArgs(r access.Reader) storage.Named {
	args := storage.Named{"reader": int64(r.ID), "reader_host": nil}
	if r.Host != "" {
		args["reader_host"] = r.Host
	}
	return args
}

// reactions are those of one sort to a post.
type reactions struct {
	count int
	mine  bool
}

// hanging is what hangs on posts.
type hanging struct {
	likes      map[int64]reactions
	boosts     map[int64]reactions
	pinned     map[int64]bool
	replies    map[int64]int // to a first post: of the whole thread
	mentions   map[int64][]actors.ID
	pictures   map[int64][]Picture
	files      map[int64][]media.File
	themes     map[int64][]Theme
	tags       map[int64][]string
	polls      map[int64]*Poll
	quotes     map[int64]int // of it
	quotations map[int64]*Quotation
	marks      map[int64]map[string]bool
}

// hangingOn reads it for all rows in one round trip, and in a second one for those that quote or are quoted.
func hangingOn(ctx context.Context, q storage.Querier, r access.Reader, rows []row) (hanging, error) {
	h := hanging{likes: map[int64]reactions{}, boosts: map[int64]reactions{}, pinned: map[int64]bool{}, replies: map[int64]int{}, mentions: map[int64][]actors.ID{},
		pictures: map[int64][]Picture{}, files: map[int64][]media.File{}, themes: map[int64][]Theme{}, tags: map[int64][]string{}, polls: map[int64]*Poll{}, quotes: map[int64]int{}, quotations: map[int64]*Quotation{}, marks: map[int64]map[string]bool{}}
	var ids, roots, starters []int64
	var iris []string
	for _, row := range rows {
		ids, iris = append(ids, row.ID), append(iris, row.IRI)
		if row.ParentIRI == "" {
			starters = append(starters, row.ID)
		} else {
			roots = append(roots, row.Root)
		}
	}
	args := readerArgs(r)
	args["ids"], args["roots"], args["starters"], args["iris"] = ids, roots, starters, iris
	b := &pgx.Batch{}
	b.Queue(`
		SELECT post, count(*), bool_or(who = @reader)
		FROM likes
		WHERE post = ANY(@ids)
		GROUP BY post`, args).Query(readReactions(h.likes))
	b.Queue(`
		SELECT post, count(*), bool_or(who = @reader)
		FROM boosts
		WHERE post = ANY(@ids)
		GROUP BY post`, args).Query(readReactions(h.boosts))
	b.Queue(`
		SELECT post
		FROM pins
		WHERE post = ANY(@ids)`, args).Query(h.readPins)
	b.Queue(`
		SELECT post, who
		FROM post_mentions
		WHERE post = ANY(@ids)
		ORDER BY post, who`, args).Query(h.readMentions)
	b.Queue(selectPictures, args).Query(h.readPictures)
	b.Queue(selectFiles, args).Query(h.readFiles)
	b.Queue(selectPostThemes, args).Query(h.readThemes)
	b.Queue(`
		SELECT post, name
		FROM post_tags
		WHERE post = ANY(@ids)
		ORDER BY post, tag`, args).Query(h.readTags)
	b.Queue(selectMarks, args).Query(h.readMarks)
	b.Queue(selectPolls, args).Query(h.readPolls)
	quotes := false
	b.Queue(anyQuotes, args).QueryRow(func(row pgx.Row) error { return row.Scan(&quotes) })
	b.Queue(`
		SELECT p.root, count(*)
		FROM posts p
		WHERE p.root = ANY(@starters) AND p.id <> p.root AND `+access.Visible("p")+`
		GROUP BY p.root`, args).Query(h.readReplies)
	if len(roots) > 0 {
		b.Queue(`
			SELECT p.parent, count(*)
			FROM posts p
			WHERE p.root = ANY(@roots) AND p.parent = ANY(@ids) AND p.parent <> p.root AND `+access.Visible("p")+`
			GROUP BY p.parent`, args).Query(h.readReplies)
	}
	err := q.SendBatch(ctx, b).Close()
	if err == nil && quotes {
		b = &pgx.Batch{}
		b.Queue(selectQuotations, args).Query(h.readQuotations)
		b.Queue(countQuotes, args).Query(h.readQuotes)
		err = q.SendBatch(ctx, b).Close()
	}
	return h, err
}

func (h hanging) readPins(rows pgx.Rows) error {
	var post int64
	_, err := pgx.ForEachRow(rows, []any{&post}, func() error {
		h.pinned[post] = true
		return nil
	})
	return err
}

func readReactions(into map[int64]reactions) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		var post int64
		var r reactions
		_, err := pgx.ForEachRow(rows, []any{&post, &r.count, &r.mine}, func() error {
			into[post] = r
			return nil
		})
		return err
	}
}

func (h hanging) readReplies(rows pgx.Rows) error {
	var post int64
	var count int
	_, err := pgx.ForEachRow(rows, []any{&post, &count}, func() error {
		h.replies[post] = count
		return nil
	})
	return err
}

func (h hanging) readMentions(rows pgx.Rows) error {
	var post int64
	var who actors.ID
	_, err := pgx.ForEachRow(rows, []any{&post, &who}, func() error {
		h.mentions[post] = append(h.mentions[post], who)
		return nil
	})
	return err
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
