package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

func insertWords(ctx context.Context, tx storage.Tx, iris []string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO reported_words (post, at, kept_at, title, content, summary)
		SELECT id, coalesce(updated, published), $2, title, content, summary
		FROM posts
		WHERE iri = ANY($1) AND deleted_at IS NULL
		ORDER BY id
		ON CONFLICT (post, at) DO NOTHING`, iris, at)
	return err
}

// wordsOf gives the words that were kept last by some time.
func wordsOf(ctx context.Context, q storage.Querier, iris []string, by time.Time) ([]Words, error) {
	rows, _ := q.Query(ctx, `
		SELECT p.id AS post, p.iri, p.author, coalesce(p.community, 0) AS community, coalesce(w.title, '') AS title,
			coalesce(w.content, '') AS content, coalesce(w.summary, '') AS summary, p.deleted_at IS NOT NULL AS deleted,
			w.at IS NOT NULL AND (w.title, w.content, w.summary) IS DISTINCT FROM (p.title, p.content, p.summary) AS changed
		FROM unnest($1::text[]) WITH ORDINALITY AS a (iri, place)
		JOIN posts p ON p.iri = a.iri
		LEFT JOIN LATERAL (
			SELECT at, title, content, summary
			FROM reported_words
			WHERE post = p.id AND kept_at <= $2
			ORDER BY kept_at DESC, at DESC
			LIMIT 1) AS w ON true
		ORDER BY a.place`, iris, by) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Words])
}
