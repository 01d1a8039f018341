package outbox

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"

	"passerelles/access"
	"passerelles/storage"
)

// The ways into an audience. Only those that are asked for are written in the
// statement, whose plan is kept by the connection.
const (
	// followersInboxes jumps from one inbox to the next in follows_audience: a
	// followee has far fewer of them than followers.
	followersInboxes = `
		SELECT delivery FROM hop`
	formerInboxes = `
		SELECT delivery FROM follows
		WHERE followee = ANY(@followees) AND delivery IS NOT NULL
		  AND (ended_at >= @since OR state = 'rejected' AND answered_at >= @since)`
	namedInboxes = `
		SELECT id FROM inboxes WHERE url = ANY(@urls)`

	// membersInboxes jumps likewise over those at which somebody follows a community, and
	// takes those at which a member does. A confidential community shows itself only to the
	// servers that it allowed.
	membersInboxes = `
		SELECT s.delivery
		FROM seat AS s
		WHERE ` + seatHeld + `
		UNION ALL
		SELECT a.delivery
		FROM former_members AS m
		JOIN actors AS a ON a.id = m.who
		WHERE m.community = @members AND m.ended_at >= @left_since AND a.delivery IS NOT NULL`
	seatHeld = `EXISTS (
			SELECT FROM follows AS f
			JOIN memberships AS m ON m.community = f.followee AND m.who = f.follower
			WHERE f.followee = @members AND f.delivery = s.delivery AND f.state = 'accepted'
			  AND (NOT @animators::boolean OR m.role IN ('animator', 'owner')))
		  AND (
			NOT EXISTS (SELECT FROM communities AS c WHERE c.actor = @members AND c.access = 'confidential')
			OR EXISTS (
				SELECT FROM inboxes AS i
				JOIN community_hosts AS h ON h.community = @members AND h.host = i.host
				WHERE i.id = s.delivery))`
	seats = `
	seat (delivery) AS (
		(SELECT delivery FROM follows
		WHERE followee = @members AND state = 'accepted' AND delivery IS NOT NULL
		ORDER BY delivery LIMIT 1)
		UNION ALL
		SELECT n.delivery
		FROM seat AS s,
		LATERAL (
			SELECT delivery FROM follows
			WHERE followee = @members AND state = 'accepted' AND delivery > s.delivery
			ORDER BY delivery LIMIT 1) AS n
	),`

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

	sentForms = `
	sent AS (
		INSERT INTO activities (iri, actor, type, object, body, digest, listed, published, members_of, animators, only_for)
		SELECT iri, actor, type, object, body, sha256(body), listed, published, nullif(members_of, 0), animators, nullif(only_for, 0)
		FROM unnest(@iris::text[], @actors::bigint[], @types::text[], @objects::text[], @bodies::bytea[],
			@listed::boolean[], @published::timestamptz[], @members_of::bigint[], @inner::boolean[], @only::bigint[])
			WITH ORDINALITY AS f (iri, actor, type, object, body, listed, published, members_of, animators, only_for, place)
		ORDER BY place
		ON CONFLICT (iri) DO NOTHING
		RETURNING id, iri
	),
	forms AS MATERIALIZED (
		SELECT s.id, f.place, f.dialects, f.slot
		FROM sent AS s
		JOIN unnest(@iris::text[], @dialects::smallint[], @slots::smallint[])
			WITH ORDINALITY AS f (iri, dialects, slot, place) ON f.iri = s.iri
	)
	INSERT INTO deliveries (host, activity, inbox, slot)`

	// toAudience sends every form to the whole audience, toActors a form to those
	// whom it alone names.
	toAudience = `
	SELECT i.host, f.id, i.id, f.slot
	FROM audience AS a` + openInbox + `
	CROSS JOIN forms AS f
	WHERE f.dialects = 0 OR f.dialects & i.dialect <> 0`
	toActors = `
	SELECT DISTINCT i.host, f.id, i.id, f.slot
	FROM unnest(@places::bigint[], @to::bigint[]) AS t (place, actor)
	JOIN forms AS f ON f.place = t.place
	JOIN actors AS a ON a.id = t.actor` + openInbox + `
	WHERE f.dialects = 0 OR f.dialects & i.dialect <> 0`

	// openInbox finds inboxes one by one, by their keys: the size of an audience is
	// always guessed wrong.
	openInbox = `
	CROSS JOIN LATERAL (
		SELECT i.id, i.host, h.dialect
		FROM inboxes AS i
		JOIN hosts AS h ON h.id = i.host
		WHERE i.id = a.delivery AND i.gone_at IS NULL AND h.name <> @except
		  AND ` + access.TalkedTo + `
		OFFSET 0) AS i`
)

// The shapes of an audience: sums of these.
const (
	byFollowers = 1 << iota
	byFormer
	byActors
	byAddress
	byMembers
	shapes
)

// sendStatements are written once, with their parameters numbered: to do it at
// each Send would cost a quarter of it.
var sendStatements = func() (all [shapes]string) {
	for shape := range all {
		all[shape] = sendStatement(shape)
	}
	return all
}()

func sendStatement(shape int) string {
	start, ways := "WITH ", []string(nil)
	if shape&byFollowers != 0 {
		start = "WITH RECURSIVE " + hops
		ways = append(ways, followersInboxes)
	}
	if shape&byFormer != 0 {
		ways = append(ways, formerInboxes)
	}
	if shape&byAddress != 0 {
		ways = append(ways, namedInboxes)
	}
	if shape&byMembers != 0 {
		start = "WITH RECURSIVE " + strings.TrimPrefix(strings.TrimPrefix(start, "WITH "), "RECURSIVE ") + seats
		ways = append(ways, membersInboxes)
	}
	var parts []string
	if len(ways) > 0 {
		start += "audience (delivery) AS (SELECT DISTINCT * FROM (" + strings.Join(ways, " UNION ALL ") + ") AS w),"
		parts = append(parts, toAudience)
	}
	if shape&byActors != 0 {
		parts = append(parts, toActors)
	}
	return number(start+sentForms+strings.Join(parts, " UNION ")+" ORDER BY 1, 2, 3", shape)
}

// number puts the parameters in the order of sendArgs.
func number(sql string, shape int) string {
	names := []string{"@iris", "@actors", "@types", "@objects", "@bodies", "@listed", "@published", "@members_of", "@inner", "@only", "@dialects", "@slots", "@except"}
	for _, optional := range []struct {
		bit  int
		name string
	}{{byFollowers | byFormer, "@followees"}, {byFormer, "@since"}, {byAddress, "@urls"}, {byMembers, "@members"}, {byMembers, "@animators"},
		{byMembers, "@left_since"}, {byActors, "@places"}, {byActors, "@to"}} {
		if shape&optional.bit != 0 {
			names = append(names, optional.name)
		}
	}
	var pairs []string
	for i, name := range names {
		pairs = append(pairs, name, "$"+strconv.Itoa(i+1))
	}
	return strings.NewReplacer(pairs...).Replace(sql)
}

func sendArgs(to Audience, forms []Activity) (shape int, args []any) {
	args = append(formArgs(forms), to.ExceptHost)
	if len(to.FollowersOf) > 0 {
		shape |= byFollowers
		args = append(args, to.FollowersOf)
		if !to.FormerSince.IsZero() {
			shape |= byFormer
			args = append(args, to.FormerSince)
		}
	}
	if len(to.Inboxes) > 0 {
		shape |= byAddress
		args = append(args, to.Inboxes)
	}
	if to.MembersOf != 0 {
		shape |= byMembers
		since := pgtype.Timestamptz{Time: to.FormerSince, Valid: !to.FormerSince.IsZero()}
		args = append(args, to.MembersOf, to.Animators, since)
	}
	if places, actors := namedIn(to, forms); len(actors) > 0 || shape == 0 {
		shape |= byActors
		args = append(args, places, actors)
	}
	return shape, args
}

// namedIn gives whom forms are for besides the followers: the place of a form,
// counted from 1, and an actor.
func namedIn(to Audience, forms []Activity) (places, who []int64) {
	for i, f := range forms {
		for _, id := range slices.Concat(to.To, f.Also) {
			places, who = append(places, int64(i+1)), append(who, int64(id))
		}
	}
	return places, who
}

// insertDeliveries reads the audience and writes the activities and their
// deliveries, all in one statement.
func insertDeliveries(ctx context.Context, tx storage.Querier, to Audience, forms []Activity) error {
	shape, args := sendArgs(to, forms)
	_, err := tx.Exec(ctx, sendStatements[shape], args...)
	return err
}

// formArgs turns rows into columns, for unnest.
func formArgs(forms []Activity) []any {
	n := len(forms)
	iris, types, objects := make([]string, n), make([]string, n), make([]string, n)
	authors, bodies, listed := make([]int64, n), make([][]byte, n), make([]bool, n)
	published, dialects, slots := make([]time.Time, n), make([]int16, n), make([]int16, n)
	members, inner, only := make([]int64, n), make([]bool, n), make([]int64, n)
	for i, f := range forms {
		iris[i], types[i], objects[i], authors[i], bodies[i] = f.IRI, f.Type, f.Object, int64(f.Actor), f.Body
		listed[i], published[i] = f.Listed, f.Published
		members[i], inner[i], only[i] = int64(f.MembersOf), f.Animators, int64(f.Only)
		dialects[i], slots[i] = int16(f.For), int16(uint64(f.Thread)&63)
	}
	return []any{iris, authors, types, objects, bodies, listed, published, members, inner, only, dialects, slots}
}
