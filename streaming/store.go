package streaming

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
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

// apart gives who of readers reads which of the posts otherwise than everybody, or what these quote: they like it, share it,
// keep it, hear no more of its thread, pinned it, have filters, or stand otherwise to what quotes.
func apart(ctx context.Context, q storage.Querier, posts []int64, readers []actors.ID) (map[int64][]actors.ID, error) {
	rows, _ := q.Query(ctx, quotedBy+`
		SELECT b.post, l.who FROM about b JOIN likes l ON l.post = b.said WHERE l.who = ANY(@readers::bigint[])
		UNION
		SELECT b.post, o.who FROM about b JOIN boosts o ON o.post = b.said WHERE o.who = ANY(@readers::bigint[])
		UNION
		SELECT b.post, k.member FROM about b JOIN bookmarks k ON k.post = b.said WHERE k.member = ANY(@readers::bigint[])
		UNION
		SELECT b.post, m.member FROM about b JOIN posts p ON p.id = b.said JOIN muted_threads m ON m.root = p.root WHERE m.member = ANY(@readers::bigint[])
		UNION
		SELECT p.id, f.member FROM unnest(@posts::bigint[]) AS p (id), filters f WHERE f.member = ANY(@readers::bigint[])
		UNION `+apartByQuotes,
		pgx.NamedArgs{"posts": posts, "readers": readers, "reader": 0, "reader_host": nil}) // ForEachRow returns Query's error
	found := map[int64][]actors.ID{}
	var post int64
	var who actors.ID
	_, err := pgx.ForEachRow(rows, []any{&post, &who}, func() error {
		found[post] = append(found[post], who)
		return nil
	})
	return found, err
}

// quotedBy are what posts say, and what they quote, as deep as it is told. Most quote nothing, which their keys tell.
const quotedBy = `
		WITH RECURSIVE about (post, said, depth) AS (
			SELECT id, id, 0 FROM unnest(@posts::bigint[]) AS p (id)
			UNION ALL
			SELECT b.post, q.id, b.depth + 1
			FROM about b
			JOIN quotations n ON n.post = b.said
			JOIN posts q ON q.iri = n.quoted
			WHERE b.depth < 2)`

// apartByQuotes are those who wrote it, whom alone its author lets quote, who shun who is quoted, and all of
// what quotes something that is not for everybody.
var apartByQuotes = `
		SELECT b.post, p.author FROM about b JOIN posts p ON p.id = b.said WHERE p.author = ANY(@readers::bigint[])
		UNION
		SELECT b.post, f.follower
		FROM about b
		JOIN posts p ON p.id = b.said AND p.quotable = 'followers'
		JOIN follows f ON f.followee = p.author AND f.state = 'accepted'
		WHERE f.follower = ANY(@readers::bigint[])
		UNION
		SELECT b.post, r.who
		FROM about b
		JOIN posts p ON p.id = b.said
		CROSS JOIN unnest(@readers::bigint[]) AS r (who)
		WHERE b.depth > 0 AND (NOT ` + access.Visible("p") + ` OR ` + access.OfReader(access.Shuns("p.author"), "r.who") + `)`

func deleteOld(ctx context.Context, q storage.Querier, before time.Time) error {
	_, err := storage.InBatches(ctx, q, `
		DELETE FROM happenings
		WHERE ctid = ANY(ARRAY(SELECT ctid FROM happenings WHERE at < @before LIMIT @most))`, pgx.NamedArgs{"before": before})
	return err
}
