package access

import (
	"strings"
	"sync"
)

// Visible is the rule of CanSee as an SQL predicate over a row of posts under
// this alias. It uses @reader (bigint, 0: anonymous) and, where a server reads,
// @reader_host (text; absent: none).
//
// Each look at another table ends in OFFSET 0: PostgreSQL then asks for the one row by key. Without
// it, it may read the whole table first (a hashed subplan), which for a list of forty posts
// costs more the more people there are.
func Visible(alias string) string {
	return "(" + alias + ".deleted_at IS NULL AND " + VisibleBefore(alias) + ")"
}

// VisibleBefore is Visible of what was deleted too: whoever saw it may learn that it is gone.
func VisibleBefore(alias string) string { return written{alias, ofAll}.visible() }

// Visible is the same for this reader alone: what can be said of all members, or of nobody in particular, is said
// already, and PostgreSQL plans without what does not concern them.
func (r Reader) Visible(alias string) string {
	return "(" + alias + ".deleted_at IS NULL AND " + r.VisibleBefore(alias) + ")"
}

// VisibleBefore is that of VisibleBefore.
func (r Reader) VisibleBefore(alias string) string {
	switch {
	case r.ID != 0:
		return written{alias, ofMembers}.visible()
	case r.Host == "":
		return written{alias, ofNobody}.visible()
	}
	return VisibleBefore(alias)
}

// written is the predicate under an alias, for some readers: it is long, and asked for with each list.
type written struct {
	alias string
	of    *strings.Replacer
}

var (
	ofAll     = strings.NewReplacer()
	ofMembers = strings.NewReplacer("@reader::bigint <> 0", "true", "@reader::bigint = 0", "false")
	ofNobody  = strings.NewReplacer("@reader::bigint <> 0", "false", "@reader::bigint = 0", "false")

	asWritten sync.Map
)

func (w written) visible() string {
	known, ok := asWritten.Load(w)
	if !ok {
		known, _ = asWritten.LoadOrStore(w, w.of.Replace(strings.ReplaceAll(visible, "post.", w.alias+".")))
	}
	return known.(string)
}

// VisibleUntil is VisibleBefore of what its community took away too, but not of what it never let in.
func VisibleUntil(alias string) string {
	return strings.ReplaceAll(strings.Replace(visible, "('removed', 'withdrawn', 'held')", "('held')", 1), "post.", alias+".")
}

// OfReader has such a predicate, or ShunnedAuthor, look at a column in the place of @reader.
func OfReader(predicate, column string) string {
	return strings.ReplaceAll(predicate, "@reader::bigint", column)
}

// Known is the rule of Knows as an SQL predicate over a row of actors under this alias. It
// uses the same parameters.
func Known(alias string) string { return strings.ReplaceAll(known, "actor.", alias+".") }

var visible = `(
	(
		@reader::bigint <> 0 AND post.author = @reader::bigint
		OR NOT EXISTS (
			SELECT FROM post_marks seen_r
			WHERE seen_r.post = post.iri
				AND seen_r.community = post.community
				AND seen_r.mark IN ('removed', 'withdrawn', 'held')
				AND seen_r.holds
			OFFSET 0
		)
		OR @reader::bigint <> 0 AND EXISTS (
			SELECT FROM memberships seen_t
			WHERE seen_t.community = post.community
				AND seen_t.who = @reader::bigint
				AND seen_t.role IN ('animator', 'owner')
			OFFSET 0
		)
	)
	AND ` + heard + `
	AND (
		post.scope IN ('public', 'unlisted') AND (
			post.community IS NULL
			OR post.community <> ALL (ARRAY(` + confidential + `))
		)
		OR post.scope IN ('public', 'unlisted', 'members', 'animators') AND ` + seenByRole + `
		OR post.scope IN ('members', 'animators') AND ` + seenByAuthor + `
		OR post.scope = 'direct' AND @reader::bigint <> 0 AND (
			post.author = @reader::bigint
			OR EXISTS (
				SELECT FROM post_mentions seen_p
				WHERE seen_p.post = post.id
					AND seen_p.who = @reader::bigint
				OFFSET 0
			)
		)
	)
)`

// confidential are the communities that hide themselves. There are few: they are read once for a whole list, where
// each community of its posts would be looked up as often as it stands there.
const confidential = `
				SELECT seen_c.actor
				FROM communities seen_c
				WHERE seen_c.access = 'confidential'
				UNION ALL
				SELECT seen_g.id
				FROM actors seen_g
				WHERE seen_g.access = 'confidential'
					AND NOT EXISTS (SELECT FROM communities seen_c WHERE seen_c.actor = seen_g.id OFFSET 0)`

// seenByRole is for the members of a community, or for its animators alone.
var seenByRole = roleIn("post.community", "AND (post.scope <> 'animators' OR seen_m.role IN ('animator', 'owner'))")

// seenByAuthor is for what was said within a community that is no more.
const seenByAuthor = `(
				@reader::bigint <> 0
				AND post.author = @reader::bigint
				AND EXISTS (
					SELECT FROM actors seen_e
					WHERE seen_e.id = post.community
						AND seen_e.gone_at IS NOT NULL
					OFFSET 0
				)
			)`

const known = `(
	actor.kind <> 'group'
	OR coalesce((SELECT seen_c.access FROM communities seen_c WHERE seen_c.actor = actor.id), actor.access) <> 'confidential'
	OR @reader::bigint = actor.id
	OR EXISTS (SELECT FROM memberships seen_m WHERE seen_m.community = actor.id AND seen_m.who = @reader::bigint OFFSET 0)
	OR actor.gone_at IS NULL AND EXISTS (SELECT FROM invitations seen_i WHERE seen_i.community = actor.id AND seen_i.who = @reader::bigint OFFSET 0)
	OR actor.gone_at IS NOT NULL AND EXISTS (
		SELECT FROM former_members seen_q
		WHERE seen_q.community = actor.id
			AND seen_q.who = @reader::bigint
			AND seen_q.ended_at >= actor.gone_at
		OFFSET 0
	)
	OR @reader::bigint = 0 AND EXISTS (
		SELECT FROM hosts seen_h
		WHERE seen_h.name = @reader_host::text
			AND (
				seen_h.id = actor.host
				OR EXISTS (
					SELECT FROM community_hosts seen_l
					WHERE seen_l.community = actor.id
						AND seen_l.host = seen_h.id
					OFFSET 0
				)
			)
		OFFSET 0
	)
)`

// roleIn says that the reader has a role in a community: a person by its own membership; a
// server by that of somebody who lives there, if the community shows itself to it, or because
// the community lives there.
func roleIn(community, role string) string {
	return strings.NewReplacer("@community", community, "@role", role).Replace(`(
				EXISTS (
					SELECT FROM memberships seen_m
					WHERE @reader::bigint <> 0
						AND seen_m.community = @community
						AND seen_m.who = @reader::bigint @role
					OFFSET 0
				)
				OR @reader::bigint = 0 AND EXISTS (
					SELECT FROM hosts seen_h
					JOIN actors seen_o ON seen_o.id = @community
					LEFT JOIN communities seen_k ON seen_k.actor = seen_o.id
					WHERE seen_h.name = @reader_host::text
						AND (
							seen_o.host = seen_h.id
							OR (
								coalesce(seen_k.access, seen_o.access) <> 'confidential'
								OR EXISTS (
									SELECT FROM community_hosts seen_l
									WHERE seen_l.community = seen_o.id
										AND seen_l.host = seen_h.id
									OFFSET 0
								)
							)
							AND EXISTS (
								SELECT FROM memberships seen_m
								JOIN actors seen_a ON seen_a.id = seen_m.who
								WHERE seen_m.community = seen_o.id
									AND seen_a.host = seen_h.id @role
								OFFSET 0
							)
						)
					OFFSET 0
				)
			)`)
}
