package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// inner is a post that was said within a community.
type inner struct {
	ID   int64
	IRI  string
	Kept bool // its place is, since ours wrote in its thread
}

// insideOf gives some posts of people elsewhere that are for members of a community.
func insideOf(ctx context.Context, tx storage.Tx, community actors.ID, most int) ([]inner, error) {
	rows, _ := tx.Query(ctx, `
		SELECT p.id, p.iri, EXISTS (SELECT FROM posts o WHERE o.root = p.root AND o.local) AS kept
		FROM posts p
		WHERE p.community = $1
			AND p.deleted_at IS NULL
			AND NOT p.local
			AND p.scope IN ('members', 'animators')
		ORDER BY p.id
		LIMIT $2
		FOR UPDATE`, community, most) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[inner])
}

// deleteInside leaves nothing of them. A reply whose parent goes before it in another batch
// would find it again: it waits for it as for one that never came.
func deleteInside(ctx context.Context, tx storage.Tx, all []inner, at time.Time) error {
	if len(all) == 0 {
		return nil
	}
	ids, iris := make([]int64, len(all)), make([]string, len(all))
	for i, p := range all {
		ids[i], iris[i] = p.ID, p.IRI
	}
	b := &pgx.Batch{}
	b.Queue(`
		UPDATE posts
		SET parent = NULL
		WHERE root IN (SELECT root FROM posts WHERE id = ANY($1)) AND parent = ANY($1)`, ids)
	for _, table := range []string{"post_mentions", "post_versions", "echoes", "likes", "boosts", "pins", "dislikes", "polls", "poll_votes", "quotes", "quotations", "pictures", "post_themes", "post_tags", "reported_words"} {
		b.Queue(`DELETE FROM `+table+` WHERE post = ANY($1)`, ids)
	}
	b.Queue(`DELETE FROM post_marks WHERE post = ANY($1)`, iris)
	b.Queue(`DELETE FROM early_likes WHERE post = ANY($1)`, iris)
	b.Queue(`DELETE FROM posts WHERE id = ANY($1)`, ids)
	b.Queue(`
		INSERT INTO purged_posts (iri, at)
		SELECT unnest($1::text[]), $2
		ON CONFLICT (iri) DO UPDATE
		SET at = excluded.at`, iris, at)
	return tx.SendBatch(ctx, b).Close()
}

func deletePurged(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM purged_posts
		WHERE iri IN (
			SELECT iri
			FROM purged_posts
			WHERE at < @before
			ORDER BY at
			LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}
