package media

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

const mostRows = 5000 // that one statement deletes

// hostsOfCopies gives each host by whose leave there are copies.
func hostsOfCopies(ctx context.Context, q storage.Querier) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT DISTINCT unnest(hosts)
		FROM copies`) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func deleteOfHosts(ctx context.Context, q storage.Querier, hosts []string) (int64, error) {
	tag, err := q.Exec(ctx, `
		DELETE FROM copies
		WHERE ctid = ANY(ARRAY(
			SELECT ctid
			FROM copies
			WHERE hosts && $1
			LIMIT $2))`, hosts, mostRows)
	return tag.RowsAffected(), err
}

// deleteLost deletes copies of what is not shown any more: its post or actor is
// deleted, or has another picture now.
func deleteLost(ctx context.Context, q storage.Querier) (int64, error) {
	tag, err := q.Exec(ctx, `
		DELETE FROM copies
		WHERE ctid = ANY(ARRAY(
			SELECT c.ctid
			FROM copies c
			WHERE c.kind = 'picture' AND NOT EXISTS (
					SELECT FROM pictures x
					WHERE x.post = c.owner AND x.place = c.place AND x.url = c.url)
				OR c.kind <> 'picture' AND NOT EXISTS (
					SELECT FROM actors a
					WHERE a.id = c.owner AND a.gone_at IS NULL
						AND c.url = CASE c.kind WHEN 'avatar' THEN a.icon ELSE a.banner END)
			LIMIT $1))`, mostRows)
	return tag.RowsAffected(), err
}

// deleteFailures forgets what could not be had and was not asked for since.
func deleteFailures(ctx context.Context, q storage.Querier, before time.Time) (int64, error) {
	tag, err := q.Exec(ctx, `
		DELETE FROM copies
		WHERE ctid = ANY(ARRAY(
			SELECT ctid
			FROM copies
			WHERE file = '' AND used_at < $1
			LIMIT $2))`, before, mostRows)
	return tag.RowsAffected(), err
}

func sizeOfCopies(ctx context.Context, q storage.Querier) (size int64, err error) {
	err = q.QueryRow(ctx, `
		SELECT coalesce(sum(size), 0)::bigint
		FROM copies`).Scan(&size)
	return size, err
}

// deleteOldest deletes the copies that were not looked at for longest, until that
// many bytes are free or the statement is long enough; it says how many are.
func deleteOldest(ctx context.Context, q storage.Querier, surplus int64) (freed int64, err error) {
	err = q.QueryRow(ctx, `
		WITH old AS (
			SELECT ctid, size, sum(size) OVER (ORDER BY used_at, kind, owner, place) AS sofar
			FROM (
				SELECT ctid, size, used_at, kind, owner, place
				FROM copies
				WHERE file <> ''
				ORDER BY used_at
				LIMIT $2
			) AS oldest
		), gone AS (
			DELETE FROM copies
			WHERE ctid = ANY(ARRAY(SELECT ctid FROM old WHERE sofar - size < $1))
			RETURNING size
		)
		SELECT coalesce(sum(size), 0)::bigint
		FROM gone`, surplus, mostRows).Scan(&freed)
	return freed, err
}

// filesOf gives those of the names that a copy has.
func filesOf(ctx context.Context, q storage.Querier, names []string) ([]string, error) {
	rows, _ := q.Query(ctx, `
		SELECT DISTINCT file
		FROM copies
		WHERE file = ANY($1) AND file <> ''`, names) // CollectRows returns Query's error
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
