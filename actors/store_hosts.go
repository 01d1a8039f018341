package actors

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/federation"
	"passerelles/storage"
)

// hostOf looks before it inserts, so that the usual case writes nothing.
func hostOf(ctx context.Context, tx storage.Tx, name string, now time.Time) (id int64, made bool, err error) {
	rows, _ := tx.Query(ctx, `
		WITH made AS (
			INSERT INTO hosts (name, due_at)
			SELECT @name, @now
			WHERE NOT EXISTS (SELECT FROM hosts WHERE name = @name)
			ON CONFLICT (name) DO NOTHING
			RETURNING id
		)
		SELECT id, true AS made FROM made
		UNION ALL
		SELECT id, false FROM hosts WHERE name = @name`,
		pgx.NamedArgs{"name": name, "now": now}) // CollectRows returns Query's error
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct {
		ID   int64
		Made bool
	}])
	if err != nil {
		return 0, false, err
	}
	if len(found) > 0 {
		return found[0].ID, found[0].Made, nil
	}
	// Another transaction made it meanwhile; a new statement sees it.
	err = tx.QueryRow(ctx, `
		SELECT id
		FROM hosts
		WHERE name = $1`, name).Scan(&id)
	return id, false, err
}

func hostByName(ctx context.Context, q storage.Querier, name string) (Host, error) {
	rows, _ := q.Query(ctx, `
		SELECT id, name, software, version, dialect
		FROM hosts
		WHERE name = $1`, name) // CollectExactlyOneRow returns Query's error
	h, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Host])
	return h, storage.NotFound(err, "This server is not known.")
}

// noteEd25519 writes whether a host says that it verifies Ed25519, where that is news.
func noteEd25519(ctx context.Context, tx storage.Tx, host int64, verifies bool) error {
	_, err := tx.Exec(ctx, `
		UPDATE hosts
		SET ed25519 = $2
		WHERE id = $1
			AND ed25519 <> $2`, host, verifies)
	return err
}

func ringHosts(ctx context.Context, q storage.Querier, now time.Time) ([]string, error) {
	rows, _ := q.Query(ctx, `
		UPDATE hosts
		SET due_at = @until
		WHERE id IN (
			SELECT id
			FROM hosts
			WHERE due_at <= @now
			ORDER BY due_at
			LIMIT @most
			FOR UPDATE SKIP LOCKED
		)
		RETURNING name`,
		pgx.NamedArgs{"now": now, "until": now.Add(ringing), "most": atOnce}) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func learnHost(ctx context.Context, q storage.Querier, name string, info federation.NodeInfo, now time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE hosts
		SET software = @software, version = @version, dialect = @dialect,
			checked_at = @now, due_at = @due, failures = 0
		WHERE name = @name`,
		pgx.NamedArgs{
			"name": name, "software": info.Software, "version": info.Version,
			"dialect": DialectOf(info.Software), "now": now, "due": now.Add(softwareMemory),
		})
	return err
}

// postponeHost keeps what was learned before: a server that does not answer
// has not changed its software.
func postponeHost(ctx context.Context, q storage.Querier, name string, now time.Time) error {
	_, err := q.Exec(ctx, `
		UPDATE hosts
		SET failures = least(failures + 1, 100),
			due_at = @now::timestamptz + least(@first::interval * (1 << least(failures, 10)::int), @longest::interval)
		WHERE name = @name`,
		pgx.NamedArgs{"name": name, "now": now, "first": firstRetry, "longest": softwareMemory})
	return err
}

func endInbox(ctx context.Context, tx storage.Tx, inbox int64, at time.Time) (ended bool, err error) {
	err = tx.QueryRow(ctx, `
		UPDATE inboxes
		SET refused_at = COALESCE(refused_at, @at),
			gone_at = CASE WHEN refused_at <= @grace THEN COALESCE(gone_at, @at) ELSE gone_at END
		WHERE id = @inbox
		RETURNING gone_at IS NOT NULL`,
		pgx.NamedArgs{"inbox": inbox, "at": at, "grace": at.Add(-inboxGrace)}).Scan(&ended)
	return ended, storage.NotFound(err, "This inbox is not known.")
}

func reviveInbox(ctx context.Context, q storage.Querier, inbox int64) error {
	_, err := q.Exec(ctx, `
		UPDATE inboxes
		SET refused_at = NULL, gone_at = NULL
		WHERE id = $1
			AND refused_at IS NOT NULL`, inbox)
	return err
}
