package streaming

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/actors"
	"passerelles/storage"
)

// happening is what became visible since the last look.
type happening struct {
	ID     int64
	Kind   string
	Thing  int64
	Reader actors.ID
}

// snapshot tells which transactions are visible now.
func snapshot(ctx context.Context, q storage.Querier) (now string, err error) {
	err = q.QueryRow(ctx, `SELECT pg_current_snapshot()::text`).Scan(&now)
	return now, err
}

// happenedSince gives what is visible now and was not in an earlier snapshot, the latest of it if
// it is more than most, and the snapshot of now. Both are told by the same statement, so
// that nothing falls between two looks, however late a transaction commits. What stands there
// under numbers that are not given yet comes from another cluster, by a restored dump.
func happenedSince(ctx context.Context, q storage.Querier, since string, most int) (all []happening, now string, err error) {
	rows, _ := q.Query(ctx, `
		WITH seen AS (SELECT pg_current_snapshot() AS now)
		SELECT s.now::text, h.id, h.kind, h.thing, coalesce(h.reader, 0)
		FROM seen s
		LEFT JOIN LATERAL (
			SELECT id, kind, thing, reader
			FROM happenings
			WHERE transaction >= pg_snapshot_xmin(@since::pg_snapshot)
				AND NOT pg_visible_in_snapshot(transaction, @since::pg_snapshot)
				AND pg_visible_in_snapshot(transaction, s.now)
			ORDER BY id DESC
			LIMIT @most) AS h ON true
		ORDER BY h.id`, pgx.NamedArgs{"since": since, "most": most}) // ForEachRow returns Query's error
	var h struct {
		id, thing, reader *int64
		kind              *string
	}
	_, err = pgx.ForEachRow(rows, []any{&now, &h.id, &h.kind, &h.thing, &h.reader}, func() error {
		if h.id != nil {
			all = append(all, happening{*h.id, *h.kind, *h.thing, actors.ID(*h.reader)})
		}
		return nil
	})
	return all, now, err
}

// apart gives who of readers reads which of the posts otherwise than everybody: they like it, share it,
// keep it, hear no more of its thread, pinned it, or have filters.
func apart(ctx context.Context, q storage.Querier, posts []int64, readers []actors.ID) (map[int64][]actors.ID, error) {
	rows, _ := q.Query(ctx, `
		SELECT post, who FROM likes WHERE post = ANY(@posts::bigint[]) AND who = ANY(@readers::bigint[])
		UNION
		SELECT post, who FROM boosts WHERE post = ANY(@posts::bigint[]) AND who = ANY(@readers::bigint[])
		UNION
		SELECT post, member FROM bookmarks WHERE post = ANY(@posts::bigint[]) AND member = ANY(@readers::bigint[])
		UNION
		SELECT p.id, m.member FROM posts p JOIN muted_threads m ON m.root = p.root WHERE p.id = ANY(@posts::bigint[]) AND m.member = ANY(@readers::bigint[])
		UNION
		SELECT p.id, f.member FROM unnest(@posts::bigint[]) AS p (id), filters f WHERE f.member = ANY(@readers::bigint[])`,
		pgx.NamedArgs{"posts": posts, "readers": readers}) // ForEachRow returns Query's error
	found := map[int64][]actors.ID{}
	var post int64
	var who actors.ID
	_, err := pgx.ForEachRow(rows, []any{&post, &who}, func() error {
		found[post] = append(found[post], who)
		return nil
	})
	return found, err
}

func deleteOld(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM happenings
		WHERE ctid = ANY(ARRAY(SELECT ctid FROM happenings WHERE at < @before LIMIT @most))`, pgx.NamedArgs{"before": before})
	return err
}
