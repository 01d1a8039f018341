package access

import "strings"

// Visible is the rule of CanSee as an SQL predicate over a row of posts under
// this alias. It uses @reader (bigint, 0: anonymous) and, where a server reads,
// @reader_host (text; absent: none).
func Visible(alias string) string { return strings.ReplaceAll(visible, "post.", alias+".") }

const visible = `(
	post.deleted_at IS NULL
	AND (
		@reader::bigint <> 0 AND post.author = @reader::bigint
		OR NOT EXISTS (
			SELECT FROM post_marks seen_r
			WHERE seen_r.post = post.iri
				AND seen_r.community = post.community
				AND seen_r.mark IN ('removed', 'withdrawn')
				AND seen_r.holds
		)
	)
	AND CASE
		WHEN post.scope IN ('public', 'unlisted') THEN
			NOT EXISTS (
				SELECT FROM communities seen_c
				WHERE seen_c.actor = post.community
					AND seen_c.access <> 'open'
			) OR ` + visibleRole + `)
		WHEN post.scope = 'members' THEN ` + visibleRole + `)
		WHEN post.scope = 'animators' THEN ` + visibleRole + `
			AND seen_m.role IN ('animator', 'owner'))
		WHEN post.scope = 'direct' THEN
			@reader::bigint <> 0
			AND (
				post.author = @reader::bigint
				OR EXISTS (
					SELECT FROM post_mentions seen_p
					WHERE seen_p.post = post.id
						AND seen_p.who = @reader::bigint
				)
			)
		ELSE false
	END
)`

// visibleRole lacks its last parenthesis, so that a condition on the role can follow.
const visibleRole = `EXISTS (
				SELECT FROM memberships seen_m
				JOIN communities seen_k ON seen_k.actor = seen_m.community
				WHERE seen_m.community = post.community
					AND (
						@reader::bigint <> 0 AND seen_m.who = @reader::bigint
						OR @reader::bigint = 0 AND seen_k.access <> 'confidential' AND EXISTS (
							SELECT FROM actors seen_a
							JOIN hosts seen_h ON seen_h.id = seen_a.host
							WHERE seen_a.id = seen_m.who
								AND seen_h.name = @reader_host::text
						)
					)`
