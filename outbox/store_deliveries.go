package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// delivery is one row that waits, with the address of its inbox.
type delivery struct {
	Host     int64
	Activity int64
	Inbox    int64
	Slot     int16
	Attempts int
	URL      string
	Gone     bool // the inbox is ended
	Doubted  bool // the inbox answered 410 once
}

// nextRows chooses the rows of some lanes by their state, oldest activity first.
// A row that waits keeps back those of its inbox and slot.
func nextRows(ctx context.Context, tx storage.Tx, wants []want, now time.Time) (map[laneName][]delivery, error) {
	n := len(wants)
	hosts, numbers, lanes, limits := make([]int64, n), make([]int16, n), make([]int16, n), make([]int32, n)
	for i, w := range wants {
		hosts[i], numbers[i], lanes[i], limits[i] = w.Host, w.Number, w.lanes, int32(w.limit)
	}
	rows, _ := tx.Query(ctx, `
		SELECT l.host, l.number, d.activity, d.inbox, d.slot, d.attempts, i.url,
		       i.gone_at IS NOT NULL, i.refused_at IS NOT NULL
		FROM unnest(@hosts::bigint[], @numbers::smallint[], @lanes::smallint[], @limits::int[])
		  AS l (host, number, lanes, most),
		LATERAL (
			SELECT d.activity, d.inbox, d.slot, d.attempts
			FROM deliveries AS d
			WHERE d.host = l.host AND d.slot % l.lanes = l.number
			  AND NOT EXISTS (
				SELECT FROM deliveries AS b
				WHERE b.host = d.host AND b.inbox = d.inbox AND b.slot = d.slot AND b.not_before > @now)
			ORDER BY d.activity, d.inbox
			LIMIT l.most) AS d
		JOIN inboxes AS i ON i.id = d.inbox
		ORDER BY l.host, l.number, d.activity, d.inbox`,
		pgx.NamedArgs{"hosts": hosts, "numbers": numbers, "lanes": lanes, "limits": limits,
			"now": now}) // ForEachRow returns Query's error
	next := make(map[laneName][]delivery, n)
	var l laneName
	var d delivery
	fields := []any{&l.Host, &l.Number, &d.Activity, &d.Inbox, &d.Slot, &d.Attempts, &d.URL, &d.Gone, &d.Doubted}
	_, err := pgx.ForEachRow(rows, fields, func() error {
		d.Host = l.Host
		next[l] = append(next[l], d)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("choose rows: %w", err)
	}
	return next, nil
}

func deleteDeliveries(ctx context.Context, tx storage.Tx, rows []delivery) error {
	hosts, activities, inboxes := rowKeys(rows)
	_, err := tx.Exec(ctx, `
		DELETE FROM deliveries AS d
		USING unnest(@hosts::bigint[], @activities::bigint[], @inboxes::bigint[]) AS u (host, activity, inbox)
		WHERE d.host = u.host AND d.activity = u.activity AND d.inbox = u.inbox`,
		pgx.NamedArgs{"hosts": hosts, "activities": activities, "inboxes": inboxes})
	if err != nil {
		return fmt.Errorf("remove deliveries: %w", err)
	}
	return nil
}

func rowKeys(rows []delivery) (hosts, activities, inboxes []int64) {
	hosts, activities, inboxes = make([]int64, len(rows)), make([]int64, len(rows)), make([]int64, len(rows))
	for i, r := range rows {
		hosts[i], activities[i], inboxes[i] = r.Host, r.Activity, r.Inbox
	}
	return hosts, activities, inboxes
}

// strike counts a failure of a row, which then waits until the time, if any.
func strike(ctx context.Context, tx storage.Tx, d delivery, until *time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE deliveries
		SET attempts = least(attempts + 1, 30000), not_before = @until
		WHERE host = @host AND activity = @activity AND inbox = @inbox`,
		pgx.NamedArgs{"host": d.Host, "activity": d.Activity, "inbox": d.Inbox, "until": until})
	if err != nil {
		return fmt.Errorf("count a failure: %w", err)
	}
	return nil
}

const buriedAtOnce = 5000

// The rows that become dead letters.
const (
	thisRow     = `host = @host AND activity = @activity AND inbox = @inbox`
	rowsOfInbox = `host = @host AND inbox = @inbox`
	rowsOfHost  = `host = @host`
	rowsUpTo    = `(host, activity, inbox) IN (
		SELECT host, activity, inbox
		FROM deliveries
		WHERE activity <= @activity
		ORDER BY host, activity, inbox
		LIMIT @most)`
	rowsTooOld = `(host, activity, inbox) IN (
		SELECT d.host, d.activity, d.inbox
		FROM deliveries AS d
		JOIN activities AS a ON a.id = d.activity
		WHERE d.host = @host AND a.published <= @oldest
		ORDER BY d.activity
		LIMIT @most)`
)

// bury makes dead letters of rows.
func bury(ctx context.Context, tx storage.Tx, which string, d delivery, reason string, now time.Time) (int64, error) {
	tag, err := tx.Exec(ctx, `
		WITH dead AS (
			DELETE FROM deliveries
			WHERE `+which+`
			RETURNING host, activity, inbox, slot, attempts
		)
		INSERT INTO dead_letters (host, activity, inbox, slot, attempts, reason, died_at)
		SELECT host, activity, inbox, slot, least(attempts + @tried, 30000), @reason, @now
		FROM dead
		ORDER BY host, activity, inbox
		ON CONFLICT (activity, inbox) DO UPDATE
		SET attempts = excluded.attempts, reason = excluded.reason, died_at = excluded.died_at`,
		pgx.NamedArgs{"host": d.Host, "activity": d.Activity, "inbox": d.Inbox, "reason": reason, "now": now,
			"oldest": now.Add(-keptFor), "most": buriedAtOnce, "tried": tried(which)})
	if err != nil {
		return 0, fmt.Errorf("bury deliveries: %w", err)
	}
	return tag.RowsAffected(), nil
}

// tried counts the attempt that killed a row; the others die with it, untried.
func tried(which string) int {
	if which == thisRow {
		return 1
	}
	return 0
}

// freeRows ends the waiting of all rows of a host.
func freeRows(ctx context.Context, tx storage.Tx, host int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE deliveries
		SET not_before = NULL
		WHERE host = $1 AND not_before IS NOT NULL`, host)
	if err != nil {
		return fmt.Errorf("free rows: %w", err)
	}
	return nil
}

// backlog counts the rows of a host up to a limit.
func backlog(ctx context.Context, q storage.Querier, host int64, limit int) (n int, err error) {
	err = q.QueryRow(ctx, `
		SELECT count(*) FROM (SELECT FROM deliveries WHERE host = $1 LIMIT $2) AS d`, host, limit).Scan(&n)
	return n, err
}
