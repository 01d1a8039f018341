package bench

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"passerelles/posts"
)

// BenchmarkTimelines has a member read by an app, on a server where much is said: a million posts
// by ten thousand accounts in two hundred communities, of which the member follows five hundred.
func BenchmarkTimelines(b *testing.B) {
	h := newHouse(b, nil)
	token := h.members(1)[0]
	h.crowded(sized(1_000_000, 10_000), sized(10_000, 500), 200)
	asks := func(path string) request {
		return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAuthorization: Bearer %s\r\n\r\n", path, h.address, token)
	}
	h.reads("home timeline of 40", asks("/api/v1/timelines/home?limit=40"), 0.2, "≥ 0.2 R")
	h.reads("a community's 40", asks(fmt.Sprintf("/api/v1/accounts/%d/statuses?limit=40", h.community.Actor.ID)), 0.3, "≥ 0.3 R")

	h.exec(`INSERT INTO memberships (community, who, role, since)
		SELECT $1, id, 'member', $2 FROM actors WHERE kind = 'person' ORDER BY id DESC LIMIT 5000
		ON CONFLICT DO NOTHING`, h.community.Actor.ID, time.Now())
	h.exec("ANALYZE")
	var took []time.Duration
	for range sized(50, 10) {
		begun := time.Now()
		if _, err := h.inside.Posts.Publish(b.Context(), h.writer.ID, posts.Draft{Community: h.community.Actor.ID,
			Title: "Samedi", Text: "Apportez vos outils.", Scope: posts.Members}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	p95 := percentile(took, 0.95)
	report("posting for 5,000 members", fmt.Sprintf("%.0f ms at the 95th percentile", ms(p95)), "≤ 50 ms", p95 <= 50*time.Millisecond)
}

// reads measures one question, as fast as may be and then half as fast.
func (h *house) reads(name string, q request, wanted float64, says string) {
	h.t.Helper()
	load := make([]request, sized(4000, 400))
	for i := range load {
		load[i] = q
	}
	h.closed(load[:len(load)/10], 4, http.StatusOK)
	fatalIfFailed(h.t)
	before := measureR(h.t, time.Second)
	counted := h.count()
	used, begun, profiled := h.ledger(), time.Now(), h.profile(name[:4], 4)
	h.closed(load, 8, http.StatusOK)
	took, spent := time.Since(begun), h.ledger().minus(used)
	profiled()
	counted(len(load))
	fatalIfFailed(h.t)
	rates(name, len(load), took, spent, mean(before, measureR(h.t, time.Second)), wanted, says)
	p95 := percentile(h.paced(load[:len(load)/2], float64(len(load))/took.Seconds()/2, http.StatusOK), 0.95)
	report("  at half that load", fmt.Sprintf("%.1f ms at the 95th percentile", ms(p95)), "≤ 25 ms", p95 <= 25*time.Millisecond)
}

// crowded fills the tables with what came from another server: threads of three posts by everybody in turn,
// every other thread in a community, a tenth of these in the one that stands here. The member follows fifty of
// the other communities and 450 people.
func (h *house) crowded(said, people, groups int) {
	h.t.Helper()
	now := time.Now().UTC()
	h.exec(`INSERT INTO hosts (name) VALUES ('far.example')`)
	host := h.number(`SELECT id FROM hosts WHERE name = 'far.example'`)
	h.exec(`INSERT INTO actors (id, iri, kind, host, name, published, refreshed_at)
		SELECT 1000000 + n, 'https://far.example/u/' || n, CASE WHEN n < $2::int THEN 'group' ELSE 'person' END, $3, 'u' || n, $4, $4
		FROM generate_series(0, $1::int + $2::int - 1) AS n`, people, groups, host, now)
	step := (90 * 24 * time.Hour).Milliseconds() / int64(said)
	h.fill(`INSERT INTO posts (id, iri, author, local, community, parent, parent_iri, root, scope, title, content, published, arrived_at, announced, language)
		SELECT p.id, 'https://far.example/p/' || n, 1000000 + $2::int + (n * 7919) % $3::int, false, p.community,
			CASE WHEN n % 3 > 0 THEN p.start END, CASE WHEN n % 3 > 0 THEN 'https://far.example/p/' || n / 3 * 3 ELSE '' END, p.start, 'public', '',
			'<p>Samedi, apportez vos outils et ce qui est brisé. On répare ensemble, de 10 h à midi, numéro ' || n || '.</p>',
			to_timestamp((p.id >> 21) / 1000.0), to_timestamp((p.id >> 21) / 1000.0), p.community IS NOT NULL, 'fr'
		FROM generate_series(0::bigint, $1::bigint - 1) AS n, LATERAL (
			SELECT ($4::bigint + n * $5::bigint) << 21 AS id, ($4::bigint + n / 3 * 3 * $5::bigint) << 21 AS start,
				CASE WHEN n / 3 % 20 = 0 THEN $6::bigint WHEN n / 3 % 2 = 0 THEN 1000000 + n / 6 * 31 % $2::int END AS community) AS p`,
		said, groups, people, now.UnixMilli()-int64(said)*step, step, h.community.Actor.ID)
	h.exec(`INSERT INTO follows (followee, follower, state, iri, asked_at, answered_at)
		SELECT a.id, m.actor, 'accepted', 'https://far.example/f/' || a.id, $1, $1
		FROM members m, LATERAL (
			(SELECT id FROM actors WHERE host = $2 AND kind = 'group' ORDER BY id LIMIT 50)
			UNION ALL
			(SELECT id FROM actors WHERE host = $2 AND kind = 'person' ORDER BY id LIMIT 450)) AS a
		WHERE m.email LIKE '%@bench.example'`, now, host)
	h.fill("VACUUM ANALYZE")
}
