package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
	"passerelles/text"
)

// upsertMark writes a mark unless a later one stands. What was never said need not be taken
// back, but is kept: it came before what it takes back.
func upsertMark(ctx context.Context, tx storage.Tx, m Mark) (changed bool, err error) {
	err = tx.QueryRow(ctx, `
		WITH was AS (
			SELECT holds, said_at
			FROM post_marks
			WHERE post = @post AND community = @community AND mark = @mark
		), said AS (
			INSERT INTO post_marks (post, community, mark, holds, reason, said_at)
			VALUES (@post, @community, @mark, @holds, @reason, @at)
			ON CONFLICT (post, community, mark) DO UPDATE
			SET holds = excluded.holds, reason = excluded.reason, said_at = excluded.said_at
			WHERE excluded.said_at >= post_marks.said_at
			RETURNING holds)
		SELECT EXISTS (SELECT FROM said) AND coalesce((SELECT holds FROM was), false) <> @holds`,
		pgx.NamedArgs{"post": m.Post, "community": m.Community.ID, "mark": m.Kind, "holds": m.Holds,
			"reason": text.Excerpt(m.Reason, longestReason), "at": m.At}).Scan(&changed)
	return changed, err
}

// upsertFeatured lets the first of a list be the one that was said last: so they are shown.
// What holds already keeps its time.
func upsertFeatured(ctx context.Context, tx storage.Tx, l List) error {
	b := &pgx.Batch{}
	args := pgx.NamedArgs{"community": l.Community, "posts": l.IRIs, "at": l.At}
	b.Queue(`
		INSERT INTO post_marks (post, community, mark, holds, said_at)
		SELECT p.iri, @community, 'featured', true, @at::timestamptz - p.place * interval '1 microsecond'
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
			WHERE p.id = $1 AND m.mark = 'locked' AND m.holds)`, post).Scan(&locked)
	return locked, err
}

// mostFeatured bounds what stands first.
const mostFeatured = 50

func featuredIn(ctx context.Context, q storage.Querier, community actors.ID) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT m.post
		FROM post_marks m
		JOIN posts p ON p.iri = m.post AND p.community = m.community
		WHERE m.community = $1 AND m.mark = 'featured' AND m.holds AND p.deleted_at IS NULL
			AND p.scope IN ('public', 'unlisted')
		ORDER BY m.said_at DESC, p.id DESC
		LIMIT $2`, community, mostFeatured) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
