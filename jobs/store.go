package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

func insertJob(ctx context.Context, tx storage.Querier, kind, key string, payload []byte, due time.Time) error {
	if payload == nil {
		payload = []byte{}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO jobs (kind, key, payload, due_at, first_due)
		VALUES (@kind, @key, @payload, @due, @due)
		ON CONFLICT (kind, key) WHERE dead_at IS NULL DO UPDATE
		SET due_at = CASE WHEN jobs.lease_until IS NULL THEN least(jobs.due_at, excluded.due_at) ELSE excluded.due_at END,
		    payload = excluded.payload,
		    asks = jobs.asks + 1`,
		pgx.NamedArgs{"kind": kind, "key": key, "payload": payload, "due": due})
	return err
}

type dueJob struct{ ID, Lease int64 }

// markDueJobs leaves alone the kinds that only another version of the program knows.
func markDueJobs(ctx context.Context, q storage.Querier, kinds []string, now, mark time.Time) ([]dueJob, error) {
	rows, _ := q.Query(ctx, `
		UPDATE jobs
		SET rung_until = $2
		WHERE id IN (
			SELECT id
			FROM jobs
			WHERE dead_at IS NULL AND due_at <= $1 AND kind = ANY($3)
			  AND (rung_until IS NULL OR rung_until <= $1)
			  AND (lease_until IS NULL OR lease_until <= $1)
			ORDER BY due_at
			LIMIT 500
			FOR UPDATE SKIP LOCKED)
		RETURNING id, lease`, now, mark, kinds) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[dueJob])
}

// takeJob counts the deaths of those who never gave the job back; after some, only who is
// alone in doing such a job may have it.
func takeJob(ctx context.Context, q storage.Querier, id int64, alone bool, kinds []string, now, until time.Time) (j Job, ok bool, err error) {
	err = q.QueryRow(ctx, `
		UPDATE jobs
		SET lease_until = @until, lease = lease + 1, rung_until = NULL, deaths = deaths + (lease_until IS NOT NULL)::int
		WHERE id = @id AND kind = ANY(@kinds) AND dead_at IS NULL AND due_at <= @now AND (lease_until IS NULL OR lease_until <= @now)
		  AND (@alone OR deaths + (lease_until IS NOT NULL)::int < @suspect)
		RETURNING id, kind, key, payload, attempts, lease, asks, first_due, deaths`,
		pgx.NamedArgs{"id": id, "alone": alone, "suspect": Suspect, "kinds": kinds, "now": now, "until": until}).
		Scan(&j.ID, &j.Kind, &j.Key, &j.Payload, &j.Attempts, &j.lease, &j.asks, &j.firstDue, &j.deaths)
	if errors.Is(err, pgx.ErrNoRows) {
		return Job{}, false, nil
	}
	if err != nil {
		return Job{}, false, fmt.Errorf("take job %d: %w", id, err)
	}
	return j, true, nil
}

func keepJob(ctx context.Context, q storage.Querier, j Job, until time.Time) (bool, error) {
	tag, err := q.Exec(ctx, `UPDATE jobs SET lease_until = $3 WHERE id = $1 AND lease = $2`, j.ID, j.lease, until)
	return tag.RowsAffected() == 1, err
}

// endJob removes a job that is done, or frees it if it was asked for meanwhile.
func endJob(ctx context.Context, q storage.Querier, j Job) error {
	_, err := q.Exec(ctx, `
		WITH done AS (
			DELETE FROM jobs
			WHERE id = @id AND lease = @lease AND asks = @asks)
		UPDATE jobs
		SET lease_until = NULL, attempts = 0, deaths = 0, error = ''
		WHERE id = @id AND lease = @lease AND asks <> @asks`,
		pgx.NamedArgs{"id": j.ID, "lease": j.lease, "asks": j.asks})
	if err != nil {
		return fmt.Errorf("end job %d: %w", j.ID, err)
	}
	return nil
}

func postponeJob(ctx context.Context, q storage.Querier, j Job, due time.Time, reason string) error {
	_, err := q.Exec(ctx, `
		UPDATE jobs
		SET lease_until = NULL, attempts = attempts + 1, deaths = 0, due_at = @due, error = @reason
		WHERE id = @id AND lease = @lease`,
		pgx.NamedArgs{"id": j.ID, "lease": j.lease, "due": due, "reason": reason})
	if err != nil {
		return fmt.Errorf("postpone job %d: %w", j.ID, err)
	}
	return nil
}

func buryJob(ctx context.Context, q storage.Querier, j Job, now time.Time, reason string) error {
	_, err := q.Exec(ctx, `
		UPDATE jobs
		SET lease_until = NULL, attempts = attempts + 1, dead_at = @now, error = @reason
		WHERE id = @id AND lease = @lease`,
		pgx.NamedArgs{"id": j.ID, "lease": j.lease, "now": now, "reason": reason})
	if err != nil {
		return fmt.Errorf("bury job %d: %w", j.ID, err)
	}
	return nil
}

func countJobs(ctx context.Context, q storage.Querier) (waiting, dead int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE dead_at IS NULL), count(*) FILTER (WHERE dead_at IS NOT NULL)
		FROM jobs`).Scan(&waiting, &dead)
	return waiting, dead, err
}
