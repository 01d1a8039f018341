package communities

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

type purge struct {
	Community actors.ID
	Host      int64
	Activity  string
	AskedAt   time.Time
}

func upsertPurge(ctx context.Context, tx storage.Tx, p purge) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO purges (community, host, activity, asked_at)
		VALUES (@community, @host, @activity, @at)
		ON CONFLICT (community, host) DO UPDATE
		SET activity = excluded.activity, asked_at = excluded.asked_at, acknowledged_at = NULL`,
		pgx.NamedArgs{"community": p.Community, "host": p.Host, "activity": p.Activity, "at": p.AskedAt})
	return err
}

// deletePurge forgets the request to a server where somebody is a member again.
func deletePurge(ctx context.Context, tx storage.Tx, community actors.ID, host int64) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM purges
		WHERE community = $1 AND host = $2`, community, host)
	return err
}

// acknowledgePurge gives the community whose request a server answers, 0 if nobody asked it; was
// tells whether it had answered before.
func acknowledgePurge(ctx context.Context, tx storage.Tx, host int64, activity string, at time.Time) (community actors.ID, was bool, err error) {
	err = tx.QueryRow(ctx, `
		WITH asked AS (
			SELECT community, host, acknowledged_at
			FROM purges
			WHERE activity = $2 AND host = $1
			FOR UPDATE
		)
		UPDATE purges
		SET acknowledged_at = coalesce(purges.acknowledged_at, $3)
		FROM asked
		WHERE purges.community = asked.community AND purges.host = asked.host
		RETURNING purges.community, asked.acknowledged_at IS NOT NULL`, host, activity, at).Scan(&community, &was)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	return community, was, err
}

type purgeRow struct {
	Host         string
	AskedAt      time.Time
	Acknowledged bool
	Dead         bool // the request was given up
}

func purgesOf(ctx context.Context, q storage.Querier, community actors.ID) ([]purgeRow, error) {
	rows, _ := q.Query(ctx, `
		SELECT h.name AS host, p.asked_at, p.acknowledged_at IS NOT NULL AS acknowledged,
			EXISTS (
				SELECT FROM activities a
				JOIN dead_letters d ON d.activity = a.id
				WHERE a.iri = p.activity) AS dead
		FROM purges p
		JOIN hosts h ON h.id = p.host
		WHERE p.community = $1
		ORDER BY p.asked_at DESC, h.name
		LIMIT 200`, community) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowToStructByName[purgeRow])
}

// membersAt says whether a member of a community lives on a server.
func membersAt(ctx context.Context, q storage.Querier, community actors.ID, host int64) (yes bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM memberships m
			JOIN actors a ON a.id = m.who
			WHERE m.community = $1 AND a.host = $2)`, community, host).Scan(&yes)
	return yes, err
}

// serverAt gives the IRI of a server's own actor, "" while it is not known.
func serverAt(ctx context.Context, q storage.Querier, host int64) (iri string, err error) {
	err = q.QueryRow(ctx, `
		SELECT iri
		FROM actors
		WHERE host = $1 AND kind = 'application' AND gone_at IS NULL
		ORDER BY refreshed_at DESC
		LIMIT 1`, host).Scan(&iri)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return iri, err
}

// oursOf gives the communities of ours of which somebody is a member.
func oursOf(ctx context.Context, q storage.Querier, who actors.ID) ([]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT m.community
		FROM memberships m
		JOIN communities c ON c.actor = m.community
		WHERE m.who = $1
		ORDER BY m.community`, who) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[actors.ID])
}

// cutOff gives who animated a community of ours from there.
func cutOff(ctx context.Context, tx storage.Tx, hosts []string, now time.Time) ([]membership, error) {
	args := pgx.NamedArgs{"hosts": hosts, "now": now}
	const there = `(SELECT a.id FROM actors a JOIN hosts h ON h.id = a.host WHERE h.name = ANY(@hosts))`
	b := &pgx.Batch{}
	var animated []membership
	b.Queue(`
		WITH ended AS (
			DELETE FROM memberships
			WHERE who IN `+there+`
			RETURNING community, who, role, since
		), former AS (
			INSERT INTO former_members (community, who, ended_at)
			SELECT e.community, e.who, @now
			FROM ended e
			JOIN communities c ON c.actor = e.community
			ORDER BY e.community, e.who
			ON CONFLICT (community, who) DO UPDATE
			SET ended_at = excluded.ended_at
		)
		SELECT community, who, role, since
		FROM ended
		WHERE role <> 'member'
		ORDER BY community, who`, args).Query(func(rows pgx.Rows) (err error) {
		animated, err = pgx.CollectRows(rows, pgx.RowToStructByName[membership])
		return err
	})
	b.Queue(`DELETE FROM memberships WHERE community IN `+there, args)
	for _, table := range []string{"join_requests", "invitations"} {
		b.Queue(`DELETE FROM `+table+` WHERE who IN `+there+` OR community IN `+there, args)
	}
	b.Queue(`
		DELETE FROM community_hosts
		WHERE host IN (SELECT id FROM hosts WHERE name = ANY(@hosts))`, args)
	err := tx.SendBatch(ctx, b).Close()
	return animated, err
}
