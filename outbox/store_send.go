package outbox

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// The ways into an audience. Only those that are asked for are written in the
// statement, whose plan is kept by the connection.
const (
	// followersInboxes jumps from one inbox to the next in follows_audience: a
	// followee has far fewer of them than followers.
	followersInboxes = `
		SELECT delivery FROM hop`
	actorsInboxes = `
		SELECT delivery FROM actors WHERE id = ANY(@to) AND delivery IS NOT NULL`
	formerInboxes = `
		SELECT delivery FROM follows
		WHERE followee = ANY(@followees) AND delivery IS NOT NULL
		  AND (ended_at >= @since OR state = 'rejected' AND answered_at >= @since)`
	namedInboxes = `
		SELECT id FROM inboxes WHERE url = ANY(@urls)`

	hops = `
	hop AS (
		SELECT f.followee, n.delivery
		FROM unnest(@followees::bigint[]) AS f (followee),
		LATERAL (
			SELECT delivery FROM follows
			WHERE followee = f.followee AND state = 'accepted' AND delivery IS NOT NULL
			ORDER BY delivery LIMIT 1) AS n
		UNION ALL
		SELECT hop.followee, n.delivery
		FROM hop,
		LATERAL (
			SELECT delivery FROM follows
			WHERE followee = hop.followee AND state = 'accepted' AND delivery > hop.delivery
			ORDER BY delivery LIMIT 1) AS n
	),`

	// A policy covers a host, with any port, and every domain below it.
	deliveriesOf = `
	sent AS (
		INSERT INTO activities (iri, actor, type, object, body, listed, published)
		SELECT iri, actor, type, object, body, listed, published
		FROM unnest(@iris::text[], @actors::bigint[], @types::text[], @objects::text[],
			@bodies::bytea[], @listed::boolean[], @published::timestamptz[])
			WITH ORDINALITY AS f (iri, actor, type, object, body, listed, published, place)
		ORDER BY place
		ON CONFLICT (iri) DO NOTHING
		RETURNING id, iri
	)
	INSERT INTO deliveries (host, activity, inbox, slot)
	SELECT i.host, s.id, i.id, f.slot
	FROM audience AS a
	JOIN inboxes AS i ON i.id = a.delivery
	JOIN hosts AS h ON h.id = i.host
	CROSS JOIN sent AS s
	JOIN unnest(@iris::text[], @dialects::smallint[], @slots::smallint[]) AS f (iri, dialects, slot) ON f.iri = s.iri
	WHERE i.gone_at IS NULL AND h.name <> @except
	  AND (f.dialects = 0 OR f.dialects & h.dialect <> 0)
	  AND NOT ((SELECT EXISTS (SELECT FROM host_policies)) AND EXISTS (
		SELECT FROM host_policies AS p
		WHERE p.policy = 'suspended' AND p.host IN (
			SELECT h.name
			UNION ALL
			SELECT array_to_string(labels[n:], '.')
			FROM string_to_array(split_part(h.name, ':', 1), '.') AS labels, generate_series(1, cardinality(labels)) AS n)))
	ORDER BY i.host, s.id, i.id`
)

// insertDeliveries reads the audience and writes the activities and their
// deliveries, all in one statement. Left alone, PostgreSQL plans it anew each
// time, since it believes that an array of unknown length is long; that takes
// three times as long as running it.
func insertDeliveries(ctx context.Context, tx storage.Querier, to Audience, forms []Activity) error {
	args := formArgs(forms)
	statement := audienceSQL(to, args)
	var batch pgx.Batch
	batch.Queue("SET LOCAL plan_cache_mode = force_generic_plan")
	batch.Queue(statement+deliveriesOf, args)
	batch.Queue("SET LOCAL plan_cache_mode = DEFAULT")
	return tx.SendBatch(ctx, &batch).Close()
}

func audienceSQL(to Audience, args pgx.NamedArgs) string {
	args["except"] = to.ExceptHost
	var ways []string
	start := "WITH "
	if len(to.FollowersOf) > 0 {
		start = "WITH RECURSIVE " + hops
		args["followees"] = to.FollowersOf
		ways = append(ways, followersInboxes)
		if !to.FormerSince.IsZero() {
			args["since"] = to.FormerSince
			ways = append(ways, formerInboxes)
		}
	}
	if len(to.To) > 0 {
		args["to"] = to.To
		ways = append(ways, actorsInboxes)
	}
	if len(to.Inboxes) > 0 {
		args["urls"] = to.Inboxes
		ways = append(ways, namedInboxes)
	}
	if len(ways) == 0 {
		ways = append(ways, "SELECT id FROM inboxes WHERE false")
	}
	if len(ways) == 1 { // UNION removes what is double; one way may hold it too
		ways[0] = "SELECT DISTINCT * FROM (" + ways[0] + ") AS w (delivery)"
	}
	return start + "audience (delivery) AS (" + strings.Join(ways, " UNION ") + "),"
}

func formArgs(forms []Activity) pgx.NamedArgs {
	n := len(forms)
	iris, types, objects := make([]string, n), make([]string, n), make([]string, n)
	authors, bodies, listed := make([]int64, n), make([][]byte, n), make([]bool, n)
	published, dialects, slots := make([]any, n), make([]int16, n), make([]int16, n)
	for i, f := range forms {
		iris[i], types[i], objects[i], authors[i], bodies[i] = f.IRI, f.Type, f.Object, int64(f.Actor), f.Body
		listed[i], published[i] = f.Listed, f.Published
		dialects[i], slots[i] = int16(f.For), int16(uint64(f.Thread)&63)
	}
	return pgx.NamedArgs{
		"iris": iris, "types": types, "objects": objects, "actors": authors, "bodies": bodies,
		"listed": listed, "published": published, "dialects": dialects, "slots": slots,
	}
}
