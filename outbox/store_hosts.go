package outbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/federation"
	"passerelles/storage"
)

// noteAnswer writes that a host answered, and which signature it took if any: it does
// not fail any more.
func noteAnswer(ctx context.Context, q storage.Querier, host int64, slow bool, took federation.Scheme, now time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO host_states (host, slow, signature, answered_at)
		VALUES (@host, @slow, @took, @now)
		ON CONFLICT (host) DO UPDATE
		SET slow = excluded.slow, answered_at = excluded.answered_at, resting_until = NULL, asked = false,
		    failing_since = NULL, failures = 0, wakings = 0, error = '',
		    signature = coalesce(nullif(excluded.signature, ''), host_states.signature)`,
		pgx.NamedArgs{"host": host, "slow": slow, "took": string(took), "now": now})
	if err != nil {
		return fmt.Errorf("note an answer: %w", err)
	}
	return nil
}

// refuseEd25519 writes that a host refused what it says that it verifies.
func refuseEd25519(ctx context.Context, q storage.Querier, host int64, now time.Time) error {
	_, err := q.Exec(ctx, `
		INSERT INTO host_states (host, ed25519_refused_at)
		VALUES ($1, $2)
		ON CONFLICT (host) DO UPDATE
		SET ed25519_refused_at = excluded.ed25519_refused_at`, host, now)
	return err
}

// lockFailures locks the state of a host and tells how often in a row it failed.
func lockFailures(ctx context.Context, tx storage.Tx, host int64, now time.Time) (failures int, resting bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT failures, coalesce(resting_until > $2, false)
		FROM host_states
		WHERE host = $1
		FOR UPDATE`, host, now).Scan(&failures, &resting)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return failures, resting, err
}

type hostRest struct {
	Until    time.Time
	Asked    bool
	Failures int
	Slow     bool
	Error    string
}

func restHost(ctx context.Context, tx storage.Tx, host int64, r hostRest, now time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO host_states (host, resting_until, asked, failing_since, failures, slow, error)
		VALUES (@host, @until, @asked, @now, @failures, @slow, @error)
		ON CONFLICT (host) DO UPDATE
		SET resting_until = excluded.resting_until, asked = excluded.asked, failures = excluded.failures,
		    failing_since = coalesce(host_states.failing_since, excluded.failing_since),
		    slow = host_states.slow OR excluded.slow, error = excluded.error`,
		pgx.NamedArgs{"host": host, "until": r.Until, "asked": r.Asked, "now": now, "failures": r.Failures,
			"slow": r.Slow, "error": r.Error})
	if err != nil {
		return fmt.Errorf("let a host rest: %w", err)
	}
	return nil
}

// mayBeWoken holds for hosts that rest by our own schedule, unless they were woken in
// vain: then not before a minute has passed, or two, four and so on up to an hour.
const mayBeWoken = `
		resting_until > @now AND NOT asked
		  AND (wakings = 0 OR woken_at <= @now - least(interval '1 minute' * 2 ^ (wakings - 1), interval '1 hour'))`

func wakeable(ctx context.Context, q storage.Querier, now time.Time) ([]int64, error) {
	rows, _ := q.Query(ctx, `
		SELECT host
		FROM host_states
		WHERE`+mayBeWoken, pgx.NamedArgs{"now": now}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

func wakeHost(ctx context.Context, q storage.Querier, host int64, now time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE host_states
		SET resting_until = NULL, woken_at = @now, wakings = least(wakings + 1, 10)
		WHERE host = @host AND`+mayBeWoken, pgx.NamedArgs{"host": host, "now": now})
	return err
}

func setLanes(ctx context.Context, tx storage.Tx, host int64, lanes int16) error {
	_, err := tx.Exec(ctx, `UPDATE host_states SET lanes = $2 WHERE host = $1`, host, lanes)
	return err
}
