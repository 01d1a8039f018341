package posts

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// upsertQuotation keeps what is newer of a quote: another one, or leave that there was not yet. Leave that
// was taken back does not come again by itself.
func upsertQuotation(ctx context.Context, tx storage.Tx, post int64, q Quotation, at time.Time) (changed bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO quotations (post, quoted, state, leave, request, at)
		VALUES (@post, @quoted, @state, @leave, @request, @at)
		ON CONFLICT (post) DO UPDATE
		SET quoted = excluded.quoted, state = excluded.state, leave = excluded.leave, at = excluded.at
		WHERE quotations.quoted <> excluded.quoted
			OR excluded.state = 'revoked'
			OR excluded.state = 'accepted' AND quotations.state <> 'accepted' AND quotations.leave <> excluded.leave`,
		pgx.NamedArgs{"post": post, "quoted": q.IRI, "state": q.State, "leave": q.Leave, "request": q.request, "at": at})
	return tag.RowsAffected() > 0, err
}

// settleQuotation writes how the quote of a post of ours stands, once it is let in.
func settleQuotation(ctx context.Context, tx storage.Tx, post int64, q Quotation) error {
	_, err := tx.Exec(ctx, `
		UPDATE quotations
		SET state = @state, leave = @leave, request = @request
		WHERE post = @post`, pgx.NamedArgs{"post": post, "state": q.State, "leave": q.Leave, "request": q.request})
	return err
}

func deleteQuotation(ctx context.Context, tx storage.Tx, post int64) error {
	_, err := tx.Exec(ctx, `DELETE FROM quotations WHERE post = $1`, post)
	return err
}

// authorIRI is "" of what is not here.
func authorIRI(ctx context.Context, tx storage.Tx, post string) (iri string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT a.iri
		FROM posts p
		JOIN actors a ON a.id = p.author
		WHERE p.iri = $1`, post).Scan(&iri)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return iri, err
}

// usualQuotable is who may quote what a member writes without saying it; "" for who never chose.
func usualQuotable(ctx context.Context, q storage.Querier, author actors.ID) (by string, err error) {
	err = q.QueryRow(ctx, `
		SELECT COALESCE((SELECT quotable FROM members WHERE actor = $1), '')`, author).Scan(&by)
	return by, err
}

// setQuotable also makes the row of the post another, as its document is.
func setQuotable(ctx context.Context, tx storage.Tx, post int64, by string) error {
	_, err := tx.Exec(ctx, `
		UPDATE posts
		SET quotable = $2
		WHERE id = $1`, post, by)
	return err
}

// anyQuotes asks by keys alone whether any of the posts quotes or is quoted: most lists have none, and
// who may see them is long to ask.
const anyQuotes = `(EXISTS (SELECT FROM quotations WHERE post = ANY(@ids)) OR EXISTS (SELECT FROM quotations WHERE quoted = ANY(@iris)))`

// selectQuotations tells of what posts quote as the reader may know it: what is not for them looks like
// what is not here. Who quotes themselves needs no leave.
var selectQuotations = `
	SELECT n.post, n.quoted, CASE WHEN q.author = p.author THEN 'accepted' ELSE n.state END, n.leave, n.request,
		coalesce(q.id, 0), coalesce(q.url, ''), q.deleted_at IS NOT NULL,
		coalesce(` + access.Shuns("q.author") + `, false),
		q.id IS NULL AND EXISTS (SELECT FROM posts h WHERE h.iri = n.quoted)
	FROM quotations n
	JOIN posts p ON p.id = n.post
	LEFT JOIN posts q ON q.iri = n.quoted AND ` + access.VisibleBefore("q") + `
	WHERE n.post = ANY(@ids)`

func (h hanging) readQuotations(rows pgx.Rows) error {
	var post int64
	var q Quotation
	_, err := pgx.ForEachRow(rows, []any{&post, &q.IRI, &q.State, &q.Leave, &q.request, &q.Post, &q.URL, &q.Deleted, &q.Shunned, &q.hidden}, func() error {
		one := q
		h.quotations[post] = &one
		return nil
	})
	return err
}

// quoting is the condition under which the post p quotes the post q, with its author's leave.
const quoting = `n.quoted = q.iri AND (n.state = 'accepted' OR p.author = q.author)`

var countQuotes = `
	SELECT q.id, count(*)
	FROM posts q
	JOIN quotations n ON n.quoted = q.iri
	JOIN posts p ON p.id = n.post
	WHERE q.id = ANY(@ids) AND ` + quoting + ` AND ` + access.Visible("p") + `
	GROUP BY q.id`

func (h hanging) readQuotes(rows pgx.Rows) error {
	var post int64
	var count int
	_, err := pgx.ForEachRow(rows, []any{&post, &count}, func() error {
		h.quotes[post] = count
		return nil
	})
	return err
}

// quotesOfPost gives the posts that quote one, the latest first, or the oldest.
func quotesOfPost(ctx context.Context, q storage.Querier, r access.Reader, post int64, part Part) ([]int64, error) {
	args := readerArgs(r)
	args["post"], args["before"], args["after"], args["limit"] = post, part.Before, part.After, part.Limit
	order := "DESC"
	if part.Oldest {
		order = "ASC"
	}
	rows, _ := q.Query(ctx, `
		SELECT p.id
		FROM posts q
		JOIN quotations n ON n.quoted = q.iri
		JOIN posts p ON p.id = n.post
		WHERE q.id = @post AND `+quoting+` AND `+access.Visible("p")+` AND NOT `+access.ShunnedAuthor("p")+`
			AND (@before::bigint = 0 OR p.id < @before::bigint) AND p.id > @after::bigint
		ORDER BY p.id `+order+`
		LIMIT @limit`, args) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// quoter is a post of ours that quotes another.
type quoter struct {
	Post, Community int64
	Author          actors.ID
}

// quotersHere gives those whose author let it, and is another.
func quotersHere(ctx context.Context, tx storage.Tx, quoted string) ([]quoter, error) {
	rows, _ := tx.Query(ctx, `
		SELECT p.id, coalesce(p.community, 0), p.author
		FROM quotations n
		JOIN posts p ON p.id = n.post
		JOIN posts q ON q.iri = n.quoted
		WHERE n.quoted = $1 AND n.state = 'accepted' AND p.local AND p.deleted_at IS NULL AND p.author <> q.author
		ORDER BY p.id
		LIMIT $2`, quoted, mostTaken) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[quoter])
}

// changedQuote is a post whose quote stands otherwise now.
type changedQuote struct {
	Post   int64
	Author actors.ID
	Local  bool
}

// endLeave has nothing shown any more by leave that its giver, who wrote what is quoted, took back.
// The rows of the posts are written too: their documents are others now.
func endLeave(ctx context.Context, tx storage.Tx, leave string, by actors.ID) ([]changedQuote, error) {
	if leave == "" {
		return nil, nil
	}
	rows, _ := tx.Query(ctx, `
		WITH ended AS (
			UPDATE quotations n
			SET state = 'revoked'
			FROM posts q
			WHERE n.leave = @leave AND n.state = 'accepted' AND q.iri = n.quoted AND q.author = @by
			RETURNING n.post)
		UPDATE posts p
		SET quotable = quotable
		FROM ended
		WHERE p.id = ended.post
		RETURNING p.id, p.author, p.local`, pgx.NamedArgs{"leave": leave, "by": by}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByPos[changedQuote])
}

func isLeave(ctx context.Context, q storage.Querier, iri string) (yes bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM quotations WHERE leave = $1 AND leave <> '')`, iri).Scan(&yes)
	return yes, err
}

func isQuoteRequest(ctx context.Context, q storage.Querier, iri string) (yes bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM quotations WHERE request = $1 AND request <> '')`, iri).Scan(&yes)
	return yes, err
}

// answerQuote gives the post whose quote is answered, 0 if that changes nothing: who answers is not who
// is quoted, or it was answered so before. A yes after a no counts, and a no after a yes.
func answerQuote(ctx context.Context, tx storage.Tx, a QuoteAnswer) (post int64, err error) {
	state := Accepted
	if a.Leave == "" {
		state = Rejected
	}
	err = tx.QueryRow(ctx, `
		WITH answered AS (
			UPDATE quotations n
			SET state = @state, leave = @leave
			FROM posts q
			WHERE n.request = @request AND n.request <> '' AND (n.state = 'pending' OR n.state <> 'revoked' AND n.state <> @state)
				AND q.iri = n.quoted AND q.author = @by
			RETURNING n.post)
		UPDATE posts p
		SET quotable = quotable
		FROM answered
		WHERE p.id = answered.post
		RETURNING p.id`,
		pgx.NamedArgs{"state": state, "leave": a.Leave, "request": a.Request, "by": a.By.ID}).Scan(&post)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return post, err
}
