package security

import (
	"context"
	"strings"
)

// everything that others' activities may change, a line each.
const everything = `
	SELECT concat_ws(' ', 'post', iri, author, scope, title, content, summary, url) FROM posts WHERE deleted_at IS NULL OR content <> ''
	UNION ALL SELECT concat_ws(' ', 'like', post, who) FROM likes
	UNION ALL SELECT concat_ws(' ', 'early like', post, who) FROM early_likes
	UNION ALL SELECT concat_ws(' ', 'follow', followee, follower, state) FROM follows
	UNION ALL SELECT concat_ws(' ', 'actor', iri, kind, name, title, inbox, shared_inbox, gone_at IS NOT NULL) FROM actors
	UNION ALL SELECT concat_ws(' ', 'key', id, actor, md5(public_pem)) FROM keys
	UNION ALL SELECT concat_ws(' ', 'tombstone', iri) FROM tombstones
	UNION ALL SELECT concat_ws(' ', 'member', community, who, role) FROM memberships
	UNION ALL SELECT concat_ws(' ', 'block', blocker, blocked) FROM blocks
	UNION ALL SELECT concat_ws(' ', 'mark', community, post, mark, holds) FROM post_marks
	UNION ALL SELECT concat_ws(' ', 'role elsewhere', community, who, role, holds) FROM roles_elsewhere
	UNION ALL SELECT concat_ws(' ', 'report', by, about) FROM reports
	ORDER BY 1`

// state reads all that others' activities may change.
func (w *town) state() []string {
	w.t.Helper()
	rows, err := w.DB.Query(context.Background(), everything)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			w.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return lines
}

// changes says what is in one state and not in the other.
func changes(before, after []string) string {
	had := map[string]int{}
	for _, line := range before {
		had[line]++
	}
	var all []string
	for _, line := range after {
		if had[line]--; had[line] < 0 {
			all = append(all, "+ "+line)
		}
	}
	for line, n := range had {
		if n > 0 {
			all = append(all, "- "+line)
		}
	}
	return strings.Join(all, "\n")
}
