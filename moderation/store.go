package moderation

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// insertReport gives the number of a new report, 0 for one that is here.
func insertReport(ctx context.Context, tx storage.Tx, r Report) (int64, error) {
	rows, _ := tx.Query(ctx, `
		INSERT INTO reports (iri, by, about, reason, at, community, to_server, person, forwarded)
		VALUES (@iri, @by, @about, @reason, @at, nullif(@community::bigint, 0), @server, nullif(@person::bigint, 0), @forwarded)
		ON CONFLICT (by, iri) DO NOTHING
		RETURNING id`,
		pgx.NamedArgs{"iri": r.IRI, "by": r.By, "about": r.About, "reason": r.Reason, "at": r.At, "community": r.Community,
			"server": r.ToServer, "person": r.Person, "forwarded": r.Forwarded}) // CollectRows returns Query's error
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if len(ids) == 0 {
		return 0, err
	}
	return ids[0], err
}

// reportedBefore says whether the same is reported by the same and waits, and how much they
// reported since some time.
func reportedBefore(ctx context.Context, tx storage.Tx, r Report, since time.Time) (same bool, n int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT coalesce(bool_or(settled_at IS NULL AND about = @about), false), count(*) FILTER (WHERE at > @since)
		FROM reports
		WHERE by = @by`, pgx.NamedArgs{"by": r.By, "about": r.About, "since": since}).Scan(&same, &n)
	return same, n, err
}

// hasWaiting says whether so many reports of who lives on the same server wait.
func hasWaiting(ctx context.Context, tx storage.Tx, by actors.ID, n int) (many bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*) >= $2
		FROM (
			SELECT
			FROM actors b
			JOIN actors a ON a.host = b.host
			JOIN reports r ON r.by = a.id
			WHERE b.id = $1 AND r.settled_at IS NULL
			LIMIT $2) AS waiting`, by, n).Scan(&many)
	return many, err
}

const selectReport = `
	SELECT id, iri, by, about, reason, at, coalesce(community, 0) AS community, to_server, coalesce(person, 0) AS person,
		forwarded, settled_at, coalesce(settled_by, 0) AS settled_by, answer
	FROM reports`

func reports(ctx context.Context, q storage.Querier, where string, args ...any) ([]Report, error) {
	rows, _ := q.Query(ctx, selectReport+where, args...) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Report])
}

func reportsBy(ctx context.Context, q storage.Querier, by actors.ID) ([]Report, error) {
	return reports(ctx, q, `
	WHERE by = $1
	ORDER BY id DESC
	LIMIT 100`, by)
}

// queue leaves out what is about the judge. Of what is settled it gives the latest.
func queue(ctx context.Context, q storage.Querier, community, judge actors.ID) ([]Report, error) {
	return reports(ctx, q, `
	WHERE CASE WHEN $1::bigint = 0 THEN to_server ELSE community = $1 END
		AND ($2::bigint = 0 OR person IS DISTINCT FROM $2)
	ORDER BY settled_at IS NOT NULL, settled_at DESC, id
	LIMIT 200`, community, judge)
}

func reportByID(ctx context.Context, q storage.Querier, id int64) (Report, error) {
	return oneReport(ctx, q, ` WHERE id = $1`, id)
}

func lockReport(ctx context.Context, tx storage.Tx, id int64) (Report, error) {
	return oneReport(ctx, tx, ` WHERE id = $1 FOR UPDATE`, id)
}

func oneReport(ctx context.Context, q storage.Querier, where string, id int64) (Report, error) {
	rows, _ := q.Query(ctx, selectReport+where, id) // CollectExactlyOneRow returns Query's error
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Report])
	return r, storage.NotFound(err, noReport)
}

func settleReport(ctx context.Context, tx storage.Tx, id int64, by actors.ID, answer string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE reports
		SET settled_at = @at, settled_by = nullif(@by::bigint, 0), answer = @answer
		WHERE id = @id`, pgx.NamedArgs{"id": id, "by": by, "answer": answer, "at": at})
	return err
}

// administrators gives who administers this server.
func administrators(ctx context.Context, q storage.Querier) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT actor
		FROM members
		WHERE admin
		ORDER BY actor`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}
