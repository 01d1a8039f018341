package posts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/media"
	"passerelles/storage"
)

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
	quotes := false
	b.Queue(facts(r), args).Query(func(rows pgx.Rows) error { return h.readFacts(rows, &quotes) })
	b.Queue(selectPictures, args).Query(h.readPictures)
	b.Queue(selectFiles, args).Query(h.readFiles)
	b.Queue(selectPostThemes, args).Query(h.readThemes)
	b.Queue(selectPolls, args).Query(h.readPolls)
	if len(roots) > 0 {
		b.Queue(`
			SELECT p.parent, count(*)
			FROM posts p
			WHERE p.root = ANY(@roots) AND p.parent = ANY(@ids) AND p.parent <> p.root AND `+r.Visible("p")+`
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

// facts are what is short, in one statement: what sort of fact it is, of which post, a number, whether it is the reader's, a word.
func facts(r access.Reader) string {
	return `
		SELECT 'liked', post, count(*), bool_or(who = @reader), '' FROM likes WHERE post = ANY(@ids) GROUP BY post
		UNION ALL
		SELECT 'shared', post, count(*), bool_or(who = @reader), '' FROM boosts WHERE post = ANY(@ids) GROUP BY post
		UNION ALL
		SELECT 'pinned', post, 0, false, '' FROM pins WHERE post = ANY(@ids)
		UNION ALL
		(SELECT 'names', post, who, false, '' FROM post_mentions WHERE post = ANY(@ids) ORDER BY post, who)
		UNION ALL
		(SELECT 'tagged', post, 0, false, name FROM post_tags WHERE post = ANY(@ids) ORDER BY post, tag)
		UNION ALL
		SELECT 'marked', p.id, 0, false, m.mark
		FROM posts p
		JOIN post_marks m ON m.post = p.iri AND m.community = p.community
		WHERE p.id = ANY(@ids) AND m.holds
		UNION ALL
		SELECT 'quotes', 0, 0, false, '' WHERE ` + anyQuotes + `
		UNION ALL
		SELECT 'answered', p.root, count(*), false, ''
		FROM posts p
		WHERE p.root = ANY(@starters) AND p.id <> p.root AND ` + r.Visible("p") + `
		GROUP BY p.root`
}

func (h hanging) readFacts(rows pgx.Rows, quotes *bool) error {
	var sort, word string
	var post, n int64
	var mine bool
	_, err := pgx.ForEachRow(rows, []any{&sort, &post, &n, &mine, &word}, func() error {
		switch sort {
		case "liked":
			h.likes[post] = reactions{int(n), mine}
		case "shared":
			h.boosts[post] = reactions{int(n), mine}
		case "pinned":
			h.pinned[post] = true
		case "names":
			h.mentions[post] = append(h.mentions[post], actors.ID(n))
		case "tagged":
			h.tags[post] = append(h.tags[post], word)
		case "marked":
			if h.marks[post] == nil {
				h.marks[post] = map[string]bool{}
			}
			h.marks[post][word] = true
		case "quotes":
			*quotes = true
		case "answered":
			h.replies[post] = int(n)
		}
		return nil
	})
	return err
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
