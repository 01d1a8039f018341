package posts

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

type like struct {
	Post     int64
	Who      actors.ID
	IRI      string
	Reported actors.ID // 0: its author's own
	At       time.Time
	Emoji    string
}

// liked finds the post of a reaction. Reactions do not wait for each other, but
// for who brings the post or deletes it.
func liked(ctx context.Context, tx storage.Tx, iri string) (t *target, deleted bool, err error) {
	b, s := &pgx.Batch{}, shelf{}
	b.Queue(`
		SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, iri)
	s.queueTargets(b, []string{iri})
	s.queueDeleted(b, []string{iri})
	err = tx.SendBatch(ctx, b).Close()
	t = s.posts[iri]
	return t, s.deleted[iri] != nil || t != nil && t.DeletedAt != nil, err
}

// insertLike also makes its author's own what was only reported, and takes the last emoji;
// changed tells whether anything is new.
func insertLike(ctx context.Context, tx storage.Tx, l like) (changed bool, err error) {
	tag, err := tx.Exec(ctx, `
		INSERT INTO likes (post, who, iri, reported, at, emoji)
		VALUES (@post, @who, @iri, @reported, @at, @emoji)
		ON CONFLICT (post, who) DO UPDATE
		SET iri = excluded.iri, reported = NULL, emoji = excluded.emoji
		WHERE excluded.reported IS NULL AND (likes.reported IS NOT NULL OR likes.emoji <> excluded.emoji)`,
		pgx.NamedArgs{"post": l.Post, "who": l.Who, "iri": l.IRI, "reported": nullID(l.Reported), "at": l.At, "emoji": l.Emoji})
	return tag.RowsAffected() > 0, err
}

// deleteLike takes back any like for its author, or only one of an IRI; for a Group what it reported.
func deleteLike(ctx context.Context, tx storage.Tx, l like) (found bool, err error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM likes
		WHERE post = @post AND who = @who AND (@reported::bigint = 0 OR reported = @reported)
			AND (@iri = '' OR iri = @iri)`,
		pgx.NamedArgs{"post": l.Post, "who": l.Who, "reported": int64(l.Reported), "iri": l.IRI})
	return tag.RowsAffected() > 0, err
}

func insertEarlyLike(ctx context.Context, tx storage.Tx, l Reaction, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO early_likes (post, who, iri, reported, activity, at, emoji)
		VALUES (@post, @who, @iri, @reported, @activity, @at, @emoji)
		ON CONFLICT (post, who) DO UPDATE
		SET iri = excluded.iri, activity = excluded.activity, reported = NULL, emoji = excluded.emoji
		WHERE excluded.reported IS NULL AND (early_likes.reported IS NOT NULL OR early_likes.emoji <> excluded.emoji)`,
		pgx.NamedArgs{"post": l.Post, "who": l.By.ID, "iri": l.Like, "reported": nullID(l.reported()),
			"activity": l.Activity, "at": at, "emoji": l.emoji()})
	return err
}

func deleteEarlyLike(ctx context.Context, tx storage.Tx, l Reaction) (found bool, err error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM early_likes
		WHERE post = @post AND who = @who AND (@reported::bigint = 0 OR reported = @reported)`,
		pgx.NamedArgs{"post": l.Post, "who": l.By.ID, "reported": int64(l.reported())})
	return tag.RowsAffected() > 0, err
}

// likeOf gives the IRI of somebody's like.
func likeOf(ctx context.Context, tx storage.Tx, post int64, who actors.ID) (string, error) {
	var iri string
	err := tx.QueryRow(ctx, `
		SELECT iri
		FROM likes
		WHERE post = $1 AND who = $2
		FOR UPDATE`, post, who).Scan(&iri)
	return iri, storage.NotFound(err, "There is no such like.")
}

func deleteEarlyLikes(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM early_likes
		WHERE (post, who) IN (
			SELECT post, who
			FROM early_likes
			WHERE at < @before
			LIMIT @most)`, pgx.NamedArgs{"before": before})
	return err
}
