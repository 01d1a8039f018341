package moderation

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

func insertAppeal(ctx context.Context, tx storage.Tx, a Appeal) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO appeals (ruling, by, words, at)
		VALUES (@ruling, @by, @words, @at)`,
		pgx.NamedArgs{"ruling": a.Ruling, "by": a.By, "words": a.Words, "at": a.At})
	return storage.Conflict(err, "appeals_pkey", "You have asked for another look already.")
}

func appealOf(ctx context.Context, q storage.Querier, ruling int64) (Appeal, error) {
	rows, _ := q.Query(ctx, `
		SELECT ruling, by, words, at, answered_at, coalesce(answered_by, 0) AS answered_by, coalesce(granted, false) AS granted, answer
		FROM appeals
		WHERE ruling = $1`, ruling) // CollectExactlyOneRow returns Query's error
	a, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Appeal])
	return a, storage.NotFound(err, "There is no appeal.")
}

func appealsWaiting(ctx context.Context, q storage.Querier, community, who actors.ID) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT a.ruling
		FROM appeals a
		JOIN rulings r ON r.id = a.ruling
		WHERE a.answered_at IS NULL AND r.community = $1 AND r.by <> $2 AND a.by <> $2
		ORDER BY a.at
		LIMIT 100`, community, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func updateAppeal(ctx context.Context, q storage.Querier, a Appeal, at time.Time) error {
	tag, err := q.Exec(ctx, `
		UPDATE appeals
		SET answered_at = @at, answered_by = @by, granted = @granted, answer = @answer
		WHERE ruling = @ruling AND answered_at IS NULL`,
		pgx.NamedArgs{"ruling": a.Ruling, "by": a.AnsweredBy, "granted": a.Granted, "answer": a.Answer, "at": at})
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.New(fault.Conflict, "This appeal is answered already.")
	}
	return err
}
