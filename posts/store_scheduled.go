package posts

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// countScheduled counts what somebody scheduled, and what of it is within a day of at. Who schedules at the same time waits.
func countScheduled(ctx context.Context, tx storage.Tx, who actors.ID, at time.Time) (all, day int, err error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('scheduled ' || $1::bigint, 0))`, who); err != nil {
		return 0, 0, err
	}
	from := at.UTC().Truncate(24 * time.Hour)
	err = tx.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE at >= $2 AND at < $3)
		FROM scheduled_posts
		WHERE who = $1`, who, from, from.Add(24*time.Hour)).Scan(&all, &day)
	return all, day, err
}

func insertScheduled(ctx context.Context, tx storage.Tx, p Scheduled, draft []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO scheduled_posts (id, who, draft, at)
		VALUES (@id, @who, @draft, @at)`, pgx.NamedArgs{"id": p.ID, "who": p.Who, "draft": draft, "at": p.At})
	return err
}

func scheduledWhere(ctx context.Context, q storage.Querier, where string, args ...any) (all []Scheduled, err error) {
	rows, _ := q.Query(ctx, `
		SELECT id, who, draft, at, refused
		FROM scheduled_posts
		WHERE `+where, args...) // ForEachRow returns Query's error
	var p Scheduled
	var draft []byte
	_, err = pgx.ForEachRow(rows, []any{&p.ID, &p.Who, &draft, &p.At, &p.Refused}, func() error {
		p.Draft = Draft{}
		if err := json.Unmarshal(draft, &p.Draft); err != nil {
			return err
		}
		all = append(all, p)
		return nil
	})
	return all, err
}

func updateScheduled(ctx context.Context, tx storage.Tx, p Scheduled) (found bool, err error) {
	tag, err := tx.Exec(ctx, `
		UPDATE scheduled_posts
		SET at = @at, refused = @refused
		WHERE id = @id`, pgx.NamedArgs{"id": p.ID, "at": p.At, "refused": p.Refused})
	return tag.RowsAffected() > 0, err
}

func deleteScheduled(ctx context.Context, tx storage.Tx, id int64) (found bool, err error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM scheduled_posts
		WHERE id = $1`, id)
	return tag.RowsAffected() > 0, err
}

func isSuspended(ctx context.Context, q storage.Querier, who actors.ID) (yes bool, err error) {
	err = q.QueryRow(ctx, `SELECT EXISTS (SELECT FROM suspensions WHERE actor = $1)`, who).Scan(&yes)
	return yes, err
}
