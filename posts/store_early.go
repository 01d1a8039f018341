package posts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// earlyLike is one that came before its post, as its author sent it.
type earlyLike struct {
	Who      actors.ID
	IRI      string
	Activity []byte
}

// queueEarlyLikes counts those of a post that has come, but for what another community
// than its own reported, and gives those that their author's own server sent; they stay if the post may still come into a community.
func queueEarlyLikes(b *pgx.Batch, p Post, early *[]earlyLike) {
	b.Queue(`
		WITH early AS (
			SELECT who, iri, reported, activity, at, emoji
			FROM early_likes
			WHERE post = @iri
		), forgotten AS (
			DELETE FROM early_likes
			WHERE post = @iri AND (reported IS NOT NULL OR NOT @wait)
		), counted AS (
			INSERT INTO likes (post, who, iri, reported, at, emoji)
			SELECT @id, who, iri, reported, at, emoji
			FROM early
			WHERE reported IS NULL OR @community::bigint = 0 OR reported = @community)
		SELECT who, iri, activity
		FROM early
		WHERE activity IS NOT NULL AND reported IS NULL
		ORDER BY at, who`, pgx.NamedArgs{"iri": p.IRI, "id": p.ID, "wait": p.mayWait(),
		"community": int64(p.communityID())}).Query(func(rows pgx.Rows) (err error) {
		*early, err = pgx.CollectRows(rows, pgx.RowToStructByName[earlyLike])
		return err
	})
}

// threadsEarlyLike is one of a post that is here and came into a community later.
type threadsEarlyLike struct {
	earlyLike
	Post      int64
	PostIRI   string `db:"post_iri"`
	Scope     string
	Community actors.ID
}

// takeThreadsEarlyLikes gives those of all posts of a thread whose head is here now.
func takeThreadsEarlyLikes(ctx context.Context, tx storage.Tx, root int64) ([]threadsEarlyLike, error) {
	rows, _ := tx.Query(ctx, `
		WITH early AS (
			DELETE FROM early_likes e
			USING posts p, posts h
			WHERE p.root = $1 AND e.post = p.iri AND h.id = p.root AND h.parent_iri = ''
			RETURNING e.who, e.iri, e.activity, e.at, p.id AS post, p.iri AS post_iri, p.scope,
				coalesce(p.community, 0) AS community)
		SELECT who, iri, activity, post, post_iri, scope, community
		FROM early
		WHERE activity IS NOT NULL
		ORDER BY at, who`, root) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[threadsEarlyLike])
}
