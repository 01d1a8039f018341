package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/federation"
	"passerelles/storage"
)

type waitingLane struct {
	laneName
	Quick   bool // the host's last answer came within a second
	Unknown bool // it was never asked
}

// waitingLanes jumps from host to host in the key of deliveries, however many
// rows each has. A host that fails is probed by the lane of its oldest row only.
func waitingLanes(ctx context.Context, q storage.Querier, now time.Time, limit int) ([]waitingLane, error) {
	rows, _ := q.Query(ctx, `
		WITH RECURSIVE waiting AS (
			(SELECT host FROM deliveries ORDER BY host LIMIT 1)
			UNION ALL
			SELECT (SELECT d.host FROM deliveries AS d WHERE d.host > w.host ORDER BY d.host LIMIT 1)
			FROM waiting AS w
			WHERE w.host IS NOT NULL
		), awake AS (
			SELECT w.host, coalesce(s.lanes, 1) AS lanes, coalesce(s.failures, 0) > 0 AS failing,
			       coalesce(s.slow, false) AS slow, s.answered_at IS NOT NULL AS answered
			FROM waiting AS w
			LEFT JOIN host_states AS s ON s.host = w.host
			WHERE w.host IS NOT NULL AND (s.resting_until IS NULL OR s.resting_until <= @now)
		), numbered AS (
			SELECT a.*, n AS number
			FROM awake AS a, generate_series(0, a.lanes - 1) AS n
			WHERE NOT a.failing AND EXISTS (
				SELECT FROM deliveries AS d
				WHERE d.host = a.host AND (d.not_before IS NULL OR d.not_before <= @now))
			UNION ALL
			SELECT a.*, first.slot % a.lanes
			FROM awake AS a, LATERAL (
				SELECT slot
				FROM deliveries AS d
				WHERE d.host = a.host AND (d.not_before IS NULL OR d.not_before <= @now)
				ORDER BY d.activity
				LIMIT 1) AS first
			WHERE a.failing
		)
		SELECT n.host, n.number::smallint, n.answered AND NOT n.slow AND NOT n.failing AS quick,
		       NOT n.answered AND NOT n.failing AS unknown
		FROM numbered AS n
		LEFT JOIN lanes AS l ON l.host = n.host AND l.number = n.number
		WHERE l.host IS NULL OR l.rung_until <= @now AND l.lease_until <= @now
		ORDER BY n.host, n.number
		LIMIT @limit`,
		pgx.NamedArgs{"now": now, "limit": limit}) // CollectRows returns Query's error
	lanes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (w waitingLane, err error) {
		return w, row.Scan(&w.Host, &w.Number, &w.Quick, &w.Unknown)
	})
	if err != nil {
		return nil, fmt.Errorf("look for lanes: %w", err)
	}
	return lanes, nil
}

// countUnknown counts the lanes at work of hosts that never answered.
func countUnknown(ctx context.Context, q storage.Querier, now time.Time) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*)
		FROM lanes AS l
		LEFT JOIN host_states AS s ON s.host = l.host
		WHERE (l.lease_until > $1) AND s.answered_at IS NULL AND coalesce(s.failures, 0) = 0`, now).Scan(&n)
	return n, err
}

// markLanes marks lanes rung and gives the number of the lease of each, which
// another process did not mark or take before.
func markLanes(ctx context.Context, tx storage.Tx, lanes []waitingLane, now, until time.Time) (map[laneName]int64, error) {
	hosts, numbers := make([]int64, len(lanes)), make([]int16, len(lanes))
	for i, l := range lanes {
		hosts[i], numbers[i] = l.Host, l.Number
	}
	rows, _ := tx.Query(ctx, `
		INSERT INTO lanes AS l (host, number, rung_until, lease_until)
		SELECT host, number, @until, @now
		FROM unnest(@hosts::bigint[], @numbers::smallint[]) AS u (host, number)
		ORDER BY host, number
		ON CONFLICT (host, number) DO UPDATE
		SET rung_until = excluded.rung_until
		WHERE l.rung_until <= @now AND l.lease_until <= @now
		RETURNING host, number, lease`,
		pgx.NamedArgs{"until": until, "now": now, "hosts": hosts, "numbers": numbers}) // ForEachRow returns Query's error
	marked := make(map[laneName]int64, len(lanes))
	var name laneName
	var lease int64
	_, err := pgx.ForEachRow(rows, []any{&name.Host, &name.Number, &lease}, func() error {
		marked[name] = lease
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mark lanes: %w", err)
	}
	return marked, nil
}

// hostState is what a drain must know of its host.
type hostState struct {
	Lanes    int16
	Slow     bool
	Failures int
	Answered bool
	Resting  bool
	Scheme   federation.Scheme // of signatures, that worked there; "" while unknown
	Ed25519  bool              // it says that it verifies that, and did not refuse it lately
}

// shareHosts reads hosts and holds their number of lanes until the end of tx.
func shareHosts(ctx context.Context, tx storage.Tx, hosts []int64, now time.Time) (map[int64]hostState, error) {
	rows, _ := tx.Query(ctx, `
		SELECT s.host, s.lanes, s.slow, s.failures, s.answered_at IS NOT NULL, coalesce(s.resting_until > $2, false),
			s.signature, h.ed25519 AND coalesce(s.ed25519_refused_at <= $3, true)
		FROM host_states AS s
		JOIN hosts AS h ON h.id = s.host
		WHERE s.host = ANY($1)
		ORDER BY s.host
		FOR SHARE OF s`, hosts, now, now.Add(-refusalLasts)) // ForEachRow returns Query's error
	states := make(map[int64]hostState, len(hosts))
	var host int64
	var s hostState
	_, err := pgx.ForEachRow(rows, []any{&host, &s.Lanes, &s.Slow, &s.Failures, &s.Answered, &s.Resting, &s.Scheme, &s.Ed25519}, func() error {
		states[host] = s
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read hosts: %w", err)
	}
	return states, nil
}

// leaseLanes takes those of the lanes that nobody holds and gives the number of
// each lease. It is at least the microsecond, so that a lease forgotten by a
// crash of PostgreSQL is not given a second time.
func leaseLanes(ctx context.Context, tx storage.Tx, hosts []int64, numbers []int16, now, until time.Time) (map[laneName]int64, error) {
	rows, _ := tx.Query(ctx, `
		WITH free AS (
			SELECT l.host, l.number
			FROM lanes AS l
			JOIN unnest(@hosts::bigint[], @numbers::smallint[]) AS u (host, number) USING (host, number)
			WHERE l.lease_until <= @now
			ORDER BY l.host, l.number
			FOR UPDATE OF l
		)
		UPDATE lanes AS l
		SET lease_until = @until, rung_until = @now, lease = greatest(l.lease + 1, @micros::bigint)
		FROM free
		WHERE l.host = free.host AND l.number = free.number
		RETURNING l.host, l.number, l.lease`,
		pgx.NamedArgs{"hosts": hosts, "numbers": numbers, "now": now, "until": until,
			"micros": now.UnixMicro()}) // ForEachRow returns Query's error
	leases := make(map[laneName]int64, len(hosts))
	var name laneName
	var lease int64
	_, err := pgx.ForEachRow(rows, []any{&name.Host, &name.Number, &lease}, func() error {
		leases[name] = lease
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("lease lanes: %w", err)
	}
	return leases, nil
}

// holdLanes locks those of the lanes whose leases are still these.
func holdLanes(ctx context.Context, tx storage.Tx, hosts []int64, numbers []int16, leases []int64) (map[laneName]bool, error) {
	rows, _ := tx.Query(ctx, `
		SELECT l.host, l.number
		FROM lanes AS l
		JOIN unnest(@hosts::bigint[], @numbers::smallint[], @leases::bigint[]) AS u (host, number, lease)
		  USING (host, number, lease)
		ORDER BY l.host, l.number
		FOR UPDATE OF l`,
		pgx.NamedArgs{"hosts": hosts, "numbers": numbers, "leases": leases}) // ForEachRow returns Query's error
	ours := make(map[laneName]bool, len(hosts))
	var name laneName
	_, err := pgx.ForEachRow(rows, []any{&name.Host, &name.Number}, func() error {
		ours[name] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("hold lanes: %w", err)
	}
	return ours, nil
}

// extendLanes sets the ends of leases that the transaction holds; one that ends
// now is free again.
func extendLanes(ctx context.Context, tx storage.Tx, hosts []int64, numbers []int16, ends, quiet []time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE lanes AS l
		SET lease_until = u.until, rung_until = u.quiet
		FROM unnest(@hosts::bigint[], @numbers::smallint[], @ends::timestamptz[], @quiet::timestamptz[])
		  AS u (host, number, until, quiet)
		WHERE l.host = u.host AND l.number = u.number`,
		pgx.NamedArgs{"hosts": hosts, "numbers": numbers, "ends": ends, "quiet": quiet})
	if err != nil {
		return fmt.Errorf("extend leases: %w", err)
	}
	return nil
}

// otherLanes says whether a lane of the host other than this one is at work.
func otherLanes(ctx context.Context, tx storage.Tx, l laneName, now time.Time) (busy bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM lanes WHERE host = $1 AND number <> $2 AND lease_until > $3)`,
		l.Host, l.Number, now).Scan(&busy)
	return busy, err
}
