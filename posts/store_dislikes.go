package posts

import (
	"context"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// insertDislike leaves it to a like that its author's own server told.
func insertDislike(ctx context.Context, tx storage.Tx, d like) (changed bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO dislikes (post, who, iri, reported, at)
		SELECT @post, @who, @iri, @reported, @at
		WHERE NOT EXISTS (SELECT FROM likes WHERE post = @post AND who = @who)
		ON CONFLICT (post, who) DO UPDATE
		SET iri = excluded.iri, reported = NULL
		WHERE dislikes.reported IS NOT NULL AND excluded.reported IS NULL`,
		pgx.NamedArgs{"post": d.Post, "who": d.Who, "iri": d.IRI, "reported": nullID(d.Reported), "at": d.At})
	return tag.RowsAffected() > 0, err
}

// deleteDislike takes back any for its author, for a Group what it reported.
func deleteDislike(ctx context.Context, tx storage.Tx, d like) (found bool, err error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM dislikes
		WHERE post = @post AND who = @who AND (@reported::bigint = 0 OR reported = @reported)`,
		pgx.NamedArgs{"post": d.Post, "who": d.Who, "reported": int64(d.Reported)})
	return tag.RowsAffected() > 0, err
}

// endDislike makes place for a like; stands tells that a dislike may not be ended so.
func endDislike(ctx context.Context, tx storage.Tx, l like) (stands bool, err error) {
	err = tx.QueryRow(ctx, `
		WITH ended AS (
			DELETE FROM dislikes
			WHERE post = @post AND who = @who AND (@reported::bigint = 0 OR reported = @reported)
			RETURNING who)
		SELECT EXISTS (SELECT FROM dislikes WHERE post = @post AND who = @who) AND NOT EXISTS (SELECT FROM ended)`,
		pgx.NamedArgs{"post": l.Post, "who": l.Who, "reported": int64(l.Reported)}).Scan(&stands)
	return stands, err
}
