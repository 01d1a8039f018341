package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

func letters(ctx context.Context, q storage.Querier, host string, before int64, limit int) ([]Letter, error) {
	rows, _ := q.Query(ctx, `
		SELECT l.id, h.name AS host, i.url AS inbox, a.iri AS activity, a.type, l.attempts, l.reason, l.died_at
		FROM dead_letters AS l
		JOIN hosts AS h ON h.id = l.host
		JOIN inboxes AS i ON i.id = l.inbox
		JOIN activities AS a ON a.id = l.activity
		WHERE (@host = '' OR h.name = @host) AND (@before = 0 OR l.id < @before)
		ORDER BY l.id DESC
		LIMIT @limit`,
		pgx.NamedArgs{"host": host, "before": before, "limit": limit}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Letter])
}

func backlogs(ctx context.Context, q storage.Querier) ([]Backlog, error) {
	rows, _ := q.Query(ctx, `
		WITH waiting AS (
			SELECT host, count(*) AS n FROM deliveries GROUP BY host
		), dead AS (
			SELECT host, count(*) AS n FROM dead_letters GROUP BY host
		)
		SELECT h.name AS host, coalesce(w.n, 0) AS waiting, coalesce(d.n, 0) AS letters,
		       s.resting_until, s.failing_since, coalesce(s.failures, 0) AS failures,
		       coalesce(s.slow, false) AS slow, coalesce(s.signature, '') AS signature, coalesce(s.error, '') AS error
		FROM waiting AS w
		FULL JOIN dead AS d USING (host)
		JOIN hosts AS h ON h.id = host
		LEFT JOIN host_states AS s USING (host)
		ORDER BY coalesce(w.n, 0) DESC, h.name`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[Backlog])
}

func oldestWaiting(ctx context.Context, q storage.Querier) (time.Time, error) {
	var at time.Time
	err := q.QueryRow(ctx, `
		SELECT published
		FROM activities
		WHERE id = (SELECT min(activity) FROM deliveries)`).Scan(&at)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	return at, err
}

// reviveLetters moves letters back among the deliveries and ends the rest of
// their hosts.
func reviveLetters(ctx context.Context, tx storage.Tx, host string) (n int64, err error) {
	err = tx.QueryRow(ctx, `
		WITH revived AS (
			DELETE FROM dead_letters AS l
			USING hosts AS h
			WHERE h.id = l.host AND ($1 = '' OR h.name = $1)
			RETURNING l.host, l.activity, l.inbox, l.slot
		), again AS (
			INSERT INTO deliveries (host, activity, inbox, slot)
			SELECT host, activity, inbox, slot
			FROM revived
			ORDER BY host, activity, inbox
			ON CONFLICT DO NOTHING
		), awake AS (
			UPDATE host_states
			SET resting_until = NULL
			WHERE host IN (SELECT host FROM revived)
		)
		SELECT count(*) FROM revived`, host).Scan(&n)
	return n, err
}

func deleteLetters(ctx context.Context, tx storage.Tx, host string) (int64, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM dead_letters
		WHERE $1 = '' OR host = (SELECT id FROM hosts WHERE name = $1)`, host)
	return tag.RowsAffected(), err
}

func giveUpHost(ctx context.Context, tx storage.Tx, host, reason string, now time.Time) (int64, error) {
	tag, err := tx.Exec(ctx, `
		WITH given_up AS (
			DELETE FROM deliveries
			WHERE host = (SELECT id FROM hosts WHERE name = @host)
			RETURNING host, activity, inbox, slot, attempts
		)
		INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at)
		SELECT host, activity, inbox, slot, attempts, @reason, @now
		FROM given_up
		ON CONFLICT (activity, inbox) DO NOTHING`,
		pgx.NamedArgs{"host": host, "reason": reason, "now": now})
	return tag.RowsAffected(), err
}
