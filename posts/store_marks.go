package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
	"passerelles/text"
)

// mostEarlyMarks are kept of each community about posts that are not here, or not its own,
// the latest: it may say what it likes of any number.
const mostEarlyMarks = 1000

// upsertMark writes a mark unless a later one stands. What was never said need not be taken
// back, but is kept: it came before what it takes back. early is when it came, if that was
// before its post.
func upsertMark(ctx context.Context, tx storage.Tx, m Mark, early *time.Time) (changed bool, err error) {
	b := &pgx.Batch{}
	b.Queue(`
		WITH was AS (
			SELECT holds, said_at
			FROM post_marks
			WHERE post = @post AND community = @community AND mark = @mark
		), said AS (
			INSERT INTO post_marks (post, community, mark, holds, reason, said_at, early)
			VALUES (@post, @community, @mark, @holds, @reason, @at, @early)
			ON CONFLICT (post, community, mark) DO UPDATE
			SET holds = excluded.holds, reason = excluded.reason, said_at = excluded.said_at
			WHERE excluded.said_at >= post_marks.said_at
			RETURNING holds)
		SELECT EXISTS (SELECT FROM said) AND coalesce((SELECT holds FROM was), false) <> @holds`,
		pgx.NamedArgs{"post": m.Post, "community": m.Community.ID, "mark": m.Kind, "holds": m.Holds,
			"reason": text.Excerpt(m.Reason, longestReason), "at": m.At, "early": early}).
		QueryRow(func(row pgx.Row) error { return row.Scan(&changed) })
	if early != nil {
		queueForgetEarly(b, m.Community.ID)
	}
	err = tx.SendBatch(ctx, b).Close()
	return changed, err
}

// queueForgetEarly forgets what a community said longest ago of posts that did not come. What
// came meanwhile is early no more.
func queueForgetEarly(b *pgx.Batch, community actors.ID) {
	b.Queue(`
		WITH oldest AS (
			SELECT post, mark, EXISTS (SELECT FROM posts p WHERE p.iri = o.post AND p.community = @community) AS came
			FROM (
				SELECT post, mark
				FROM post_marks
				WHERE community = @community AND early IS NOT NULL
				ORDER BY early DESC, post DESC, mark
				OFFSET @most) AS o
		), stay AS (
			UPDATE post_marks m
			SET early = NULL
			FROM oldest o
			WHERE m.post = o.post AND m.community = @community AND m.mark = o.mark AND o.came)
		DELETE FROM post_marks m
		USING oldest o
		WHERE m.post = o.post AND m.community = @community AND m.mark = o.mark AND NOT o.came`,
		pgx.NamedArgs{"community": community, "most": mostEarlyMarks})
}

// upsertFeatured lets the first of a list be the one that was said last: so they are shown.
// What holds already keeps its time. All count as early: most are not here yet.
func upsertFeatured(ctx context.Context, tx storage.Tx, l List) error {
	b := &pgx.Batch{}
	args := pgx.NamedArgs{"community": l.Community, "posts": l.IRIs, "at": l.At}
	b.Queue(`
		INSERT INTO post_marks (post, community, mark, holds, said_at, early)
		SELECT p.iri, @community, 'featured', true, @at::timestamptz - p.place * interval '1 microsecond', @at
		FROM (
			SELECT iri, min(place) AS place
			FROM unnest(@posts::text[]) WITH ORDINALITY AS p (iri, place)
			GROUP BY iri) AS p
		ORDER BY p.iri
		ON CONFLICT (post, community, mark) DO UPDATE
		SET holds = true, said_at = excluded.said_at
		WHERE NOT post_marks.holds AND excluded.said_at >= post_marks.said_at`, args)
	if l.Whole {
		b.Queue(`
			UPDATE post_marks
			SET holds = false, said_at = @at
			WHERE community = @community AND mark = 'featured' AND holds AND said_at <= @at AND post <> ALL(coalesce(@posts::text[], '{}'))`, args)
	}
	queueForgetEarly(b, l.Community)
	return tx.SendBatch(ctx, b).Close()
}

func removeAllBy(ctx context.Context, tx storage.Tx, community, author actors.ID, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO post_marks (post, community, mark, holds, said_at)
		SELECT iri, community, 'removed', true, @at
		FROM posts
		WHERE author = @author AND community = @community AND deleted_at IS NULL
		ORDER BY id DESC
		LIMIT 5000
		ON CONFLICT (post, community, mark) DO UPDATE
		SET holds = true, said_at = excluded.said_at
		WHERE excluded.said_at >= post_marks.said_at`,
		pgx.NamedArgs{"author": author, "community": community, "at": at})
	return err
}

// boosted is the first post of a thread that a community boosted.
type boosted struct {
	ID        int64
	IRI       string
	Published time.Time
}

func boostedBy(ctx context.Context, q storage.Querier, community, author actors.ID, most int) ([]boosted, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, iri, published
		FROM posts
		WHERE author = $1 AND community = $2 AND deleted_at IS NULL AND announced AND parent_iri = ''
			AND scope IN ('public', 'unlisted')
		ORDER BY id DESC
		LIMIT $3`, author, community, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[boosted])
}

func liftWithdrawn(ctx context.Context, tx storage.Tx, community actors.ID, iri string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE post_marks
		SET holds = false, said_at = $3
		WHERE post = $1 AND community = $2 AND mark = 'withdrawn' AND said_at <= $3`, iri, community, at)
	return err
}

func communityOfPost(ctx context.Context, q storage.Querier, iri string) (actors.ID, error) {
	var community actors.ID
	err := q.QueryRow(ctx, `
		SELECT community
		FROM posts
		WHERE iri = $1 AND community IS NOT NULL`, iri).Scan(&community)
	return community, storage.NotFound(err, "This post is of no community.")
}

// isLocked says whether a post, or the first of its thread, takes no more replies.
func isLocked(ctx context.Context, q storage.Querier, post int64) (locked bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM posts p
			JOIN posts h ON h.id = p.root
			JOIN post_marks m ON m.post IN (p.iri, h.iri) AND m.community = p.community
			WHERE p.id = $1 AND m.mark IN ('locked', 'held') AND m.holds)`, post).Scan(&locked)
	return locked, err
}

// mostFeatured bounds what stands first.
const mostFeatured = 50

func featuredIn(ctx context.Context, q storage.Querier, r access.Reader, community actors.ID) ([]string, error) {
	args := readerArgs(r)
	args["community"], args["most"] = community, mostFeatured
	rows, _ := q.Query(ctx, `
		SELECT m.post
		FROM post_marks m
		JOIN posts p ON p.iri = m.post AND p.community = m.community
		WHERE m.community = @community AND m.mark = 'featured' AND m.holds AND `+access.Visible("p")+`
		ORDER BY m.said_at DESC, p.id DESC
		LIMIT @most`, args) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func featuredIDs(ctx context.Context, q storage.Querier, community actors.ID) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.id
		FROM post_marks m
		JOIN posts p ON p.iri = m.post AND p.community = m.community
		WHERE m.community = $1 AND m.mark = 'featured' AND m.holds
		ORDER BY m.said_at DESC, p.id DESC
		LIMIT $2`, community, mostFeatured) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func heldIDs(ctx context.Context, q storage.Querier, community actors.ID, limit int) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.id
		FROM post_marks m
		JOIN posts p ON p.iri = m.post AND p.community = m.community
		WHERE m.community = $1 AND m.mark = 'held' AND m.holds AND p.deleted_at IS NULL
			AND NOT EXISTS (SELECT FROM post_marks r WHERE r.post = m.post AND r.community = m.community AND r.mark = 'removed' AND r.holds)
		ORDER BY m.said_at, p.id
		LIMIT $2`, community, limit) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func countHeld(ctx context.Context, q storage.Querier, community actors.ID) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM post_marks m
		JOIN posts p ON p.iri = m.post AND p.community = m.community
		WHERE m.community = $1 AND m.mark = 'held' AND m.holds AND p.deleted_at IS NULL
			AND NOT EXISTS (SELECT FROM post_marks r WHERE r.post = m.post AND r.community = m.community AND r.mark = 'removed' AND r.holds)`,
		community).Scan(&n)
	return n, err
}

// documentOf gives the activity in which a post came.
func documentOf(ctx context.Context, q storage.Querier, post int64) (document []byte, err error) {
	err = q.QueryRow(ctx, `
		SELECT document
		FROM posts
		WHERE id = $1`, post).Scan(&document)
	return document, err
}

// isRemoved says whether the community of a post took it away.
func isRemoved(ctx context.Context, q storage.Querier, iri string) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM posts p
			JOIN post_marks m ON m.post = p.iri AND m.community = p.community AND m.mark = 'removed' AND m.holds
			WHERE p.iri = $1)`, iri).Scan(&yes)
	return yes, err
}

// lastUpdate gives the activity that told of a post last: of ours as it was sent, else as it came.
func lastUpdate(ctx context.Context, q storage.Querier, post int64) (body []byte, err error) {
	err = q.QueryRow(ctx, `
		SELECT CASE WHEN p.local THEN (
				SELECT a.body
				FROM activities a
				WHERE a.object = p.iri AND a.type = 'Update' AND a.actor = p.author
				ORDER BY a.id DESC
				LIMIT 1)
			ELSE p.document END
		FROM posts p
		WHERE p.id = $1`, post).Scan(&body)
	return body, err
}
