package access_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// exec runs SQL that lays out what a test needs: the tables are other packages'.
func exec(t testing.TB, q storage.Querier, sql string, args ...any) {
	t.Helper()
	if _, err := q.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

const people, groups = 6, 6 // actors 1 to 6, communities 11 to 16; from 14 on they are of a.example

// hostsOf is where each person lives; "" is here.
var hostsOf = []string{"", "", "a.example", "a.example", "b.example:8443", "b.example:8443"}

// newVillage lays out people on three servers and communities of every access.
func newVillage(t testing.TB) *storage.DB {
	t.Helper()
	db := storagetest.New(t)
	exec(t, db, `INSERT INTO hosts (name) VALUES ('a.example'), ('b.example:8443')`)
	for i := range people {
		exec(t, db, `
			INSERT INTO actors (id, iri, kind, host, name, published, refreshed_at)
			VALUES ($1, $2, 'person', (SELECT id FROM hosts WHERE name = $3), $4, $5, $5)`,
			i+1, fmt.Sprintf("https://x/%d", i+1), hostsOf[i], fmt.Sprintf("p%d", i+1), noon)
	}
	for i, level := range levels {
		ours := i < 3
		exec(t, db, `
			INSERT INTO actors (id, iri, kind, name, host, access, published, refreshed_at)
			VALUES ($1, $2, 'group', $3, (SELECT id FROM hosts WHERE name = 'a.example' AND NOT $4), $5, $6, $6)`,
			i+11, fmt.Sprintf("https://x/%d", i+11), fmt.Sprintf("g%d", i+11), ours, unless(ours, level), noon)
		if ours {
			exec(t, db, `INSERT INTO communities (actor, access, created_at) VALUES ($1, $2, $3)`, i+11, level, noon)
		}
	}
	return db
}

// levels are those of the communities.
var levels = []string{"open", "members", "confidential", "", "members", "confidential"}

func unless(not bool, level string) string {
	if not {
		return ""
	}
	return level
}

// group is a community as the directory knows it.
func group(id int64) actors.Actor {
	return actors.Actor{ID: actors.ID(id), Kind: actors.Group, Access: actors.Access(levels[id-11])}
}

// known asks the predicate which communities the reader may know of.
func known(t testing.TB, q storage.Querier, r access.Reader) []int64 {
	t.Helper()
	rows, _ := q.Query(t.Context(), `SELECT a.id FROM actors a WHERE a.kind = 'group' AND `+access.Known("a")+` ORDER BY a.id`, args(r))
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// knows asks the function the same.
func knows(t testing.TB, q storage.Querier, r access.Reader) (ids []int64) {
	t.Helper()
	for id := int64(11); id < 11+groups; id++ {
		yes, err := access.Knows(t.Context(), q, r, group(id))
		if err != nil {
			t.Fatal(err)
		}
		if yes {
			ids = append(ids, id)
		}
	}
	return ids
}

func args(r access.Reader) pgx.NamedArgs {
	all := pgx.NamedArgs{"reader": r.ID}
	if r.Host != "" {
		all["reader_host"] = r.Host
	}
	return all
}

// post is a row of posts, with its mentions.
type post struct {
	id                int64
	author, community int64
	scope             string
	deleted           bool
	removed           int64 // the community that took it away; 0: none
	mentions          []int64
}

func (p post) item() access.Item {
	return access.Item{
		Post: p.id, Author: actors.ID(p.author), Community: actors.ID(p.community), Scope: p.scope, Deleted: p.deleted,
	}
}

func (p post) insert(t testing.TB, q storage.Querier) {
	t.Helper()
	exec(t, q, `
		INSERT INTO posts (id, iri, author, local, community, root, scope, content, published, arrived_at, deleted_at)
		VALUES (@id, @iri, @author, true, nullif(@community, 0), @id, @scope, '', @now, @now,
			CASE WHEN @deleted THEN @now::timestamptz END)`,
		pgx.NamedArgs{
			"id": p.id, "iri": fmt.Sprintf("https://x/posts/%d", p.id), "author": p.author, "community": p.community,
			"scope": p.scope, "deleted": p.deleted, "now": noon,
		})
	for _, who := range p.mentions {
		exec(t, q, `INSERT INTO post_mentions (post, who) VALUES ($1, $2)`, p.id, who)
	}
	if p.removed != 0 {
		exec(t, q, `
			INSERT INTO post_marks (post, community, mark, holds, said_at)
			VALUES ($1, $2, 'removed', true, $3)`, fmt.Sprintf("https://x/posts/%d", p.id), p.removed, noon)
	}
}

// visible asks the predicate which posts the reader sees.
func visible(t testing.TB, q storage.Querier, r access.Reader) []int64 {
	t.Helper()
	return alike(t, picked(t, q, r, access.Visible("p")), picked(t, q, r, r.Visible("p")))
}

// alike gives what the predicate for all readers picks, which is what that of one picks.
func alike(t testing.TB, all, one []int64) []int64 {
	t.Helper()
	if !slices.Equal(all, one) {
		t.Errorf("a reader's own predicate picks %v, want %v", one, all)
	}
	return all
}

// picked gives the posts of which a predicate is true.
func picked(t testing.TB, q storage.Querier, r access.Reader, predicate string) []int64 {
	t.Helper()
	rows, _ := q.Query(t.Context(), `SELECT p.id FROM posts p WHERE `+predicate+` ORDER BY p.id`, args(r))
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// canSee asks the function the same.
func canSee(t testing.TB, q storage.Querier, r access.Reader, posts []post) []int64 {
	t.Helper()
	var ids []int64
	for _, p := range posts {
		yes, err := access.CanSee(t.Context(), q, r, p.item())
		if err != nil {
			t.Fatal(err)
		}
		if yes {
			ids = append(ids, p.id)
		}
	}
	return ids
}

func readers() []access.Reader {
	all := []access.Reader{{}, {Host: "a.example"}, {Host: "b.example:8443"}, {Host: "c.example"}}
	for i := range people {
		all = append(all, access.Reader{ID: actors.ID(i + 1)}, access.Reader{ID: actors.ID(i + 1), Host: "a.example"})
	}
	return all
}

// TestNoPostStandsNowhere holds what Visible takes for granted: a community that does not hide itself is there.
func TestNoPostStandsNowhere(t *testing.T) {
	t.Parallel()
	_, err := storagetest.New(t).Exec(t.Context(), `
		INSERT INTO posts (id, iri, author, local, community, root, scope, content, published, arrived_at)
		VALUES (100, 'https://x/posts/100', 4, true, 99, 100, 'public', '', $1, $1)`, noon)
	var refused *pgconn.PgError
	if !errors.As(err, &refused) || refused.ConstraintName != "posts_community_fkey" {
		t.Errorf("a post stands in a community that is not there: %v", err)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	t.Parallel()
	db := newVillage(t)
	// 1 and 3 are members of 12 and 13; 2 animates 12; 5 belongs to the open 11; 2 to those
	// elsewhere. 13 shows itself to b.example, where nobody is a member, and has invited 6.
	for _, m := range []struct {
		community, who int64
		role           string
	}{{12, 1, "member"}, {12, 3, "member"}, {12, 2, "animator"}, {13, 1, "member"}, {13, 3, "owner"}, {11, 5, "member"}, {14, 2, "member"},
		{15, 2, "animator"}, {16, 2, "member"}} {
		exec(t, db, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, $3, $4)`, m.community, m.who, m.role, noon)
	}
	exec(t, db, `INSERT INTO community_hosts (community, host, since) SELECT 13, id, $1 FROM hosts WHERE name = 'b.example:8443'`, noon)
	exec(t, db, `INSERT INTO invitations (community, who, at) VALUES (13, 6, $1)`, noon)
	everybody := readers()
	of := func(host string) []access.Reader { return []access.Reader{{Host: host}} }
	insiders := func(of ...access.Reader) []access.Reader { return of }
	p := func(id actors.ID) []access.Reader {
		return []access.Reader{{ID: id}, {ID: id, Host: "a.example"}}
	}
	join := func(lists ...[]access.Reader) []access.Reader { return slices.Concat(lists...) }
	cases := []struct {
		post post
		who  []access.Reader
	}{
		{post{author: 4, scope: "public"}, everybody},
		{post{author: 4, scope: "unlisted"}, everybody},
		{post{author: 4, scope: "public", community: 11}, everybody},
		{post{author: 4, scope: "public", community: 14}, everybody},
		{post{author: 4, scope: "public", deleted: true}, nil},
		{post{author: 4, scope: "public", community: 14, removed: 14}, p(4)},
		{post{author: 4, scope: "public", community: 14, removed: 11}, everybody},
		{post{author: 4, scope: "public", removed: 14}, everybody},
		{post{author: 1, scope: "members", community: 12, removed: 12}, join(p(1), p(2))}, // 2 animates it
		{post{author: 2, scope: "members", community: 12, removed: 12}, p(2)},
		{post{author: 4, scope: "members", community: 12, removed: 12}, p(2)},
		{post{author: 4, scope: "public", community: 14, removed: 14, deleted: true}, nil},
		{post{author: 4, scope: "members"}, nil},
		{post{author: 4, scope: "members", community: 14}, join(p(2), of("a.example"))},
		{post{author: 4, scope: "animators", community: 14}, of("a.example")},
		{post{author: 4, scope: "public", community: 15}, everybody},
		{post{author: 4, scope: "public", community: 15, removed: 15}, join(p(4), p(2))},
		{post{author: 4, scope: "members", community: 15}, join(p(2), of("a.example"))},
		{post{author: 4, scope: "public", community: 16}, join(p(2), of("a.example"))},
		{post{author: 4, scope: "members", community: 16}, join(p(2), of("a.example"))},
		{post{author: 4, scope: "animators"}, nil},
		{post{author: 4, scope: "public", community: 12}, everybody}, // from before it closed
		{post{author: 4, scope: "members", community: 12}, join(p(1), p(2), p(3), insiders(access.Reader{Host: "a.example"}))},
		{post{author: 4, scope: "members", community: 11}, join(p(5), insiders(access.Reader{Host: "b.example:8443"}))},
		{post{author: 4, scope: "animators", community: 12}, p(2)},
		{post{author: 4, scope: "public", community: 13}, join(p(1), p(3))},
		{post{author: 4, scope: "animators", community: 13}, p(3)},
		{post{author: 4, scope: "direct"}, p(4)},
		{post{author: 4, scope: "direct", community: 11, mentions: []int64{1, 5}}, join(p(1), p(4), p(5))},
		{post{author: 4, scope: "direct", mentions: []int64{1}, deleted: true}, nil},
	}
	for i, c := range cases {
		c.post.id = int64(100 + i)
		c.post.insert(t, db)
		cases[i] = c
	}
	for _, r := range everybody {
		seen := visible(t, db, r)
		for _, c := range cases {
			want := slices.Contains(c.who, r)
			if got := slices.Contains(seen, c.post.id); got != want {
				t.Errorf("Visible: %+v sees %+v: %v, want %v", r, c.post, got, want)
			}
			if got := len(canSee(t, db, r, []post{c.post})) == 1; got != want {
				t.Errorf("CanSee: %+v sees %+v: %v, want %v", r, c.post, got, want)
			}
		}
	}
	for _, r := range everybody {
		want := []int64{11, 12, 14, 15}
		if slices.Contains(join(p(1), p(3), p(6), of("b.example:8443")), r) {
			want = append(want, 13)
		}
		if slices.Contains(join(p(2), of("a.example")), r) {
			want = append(want, 16)
		}
		slices.Sort(want)
		if got := knows(t, db, r); !slices.Equal(got, want) {
			t.Errorf("Knows: %+v knows of %v, want %v", r, got, want)
		}
		if got := known(t, db, r); !slices.Equal(got, want) {
			t.Errorf("Known: %+v knows of %v, want %v", r, got, want)
		}
	}
	if yes, err := access.CanSee(t.Context(), db, access.Reader{ID: 4}, access.Item{Author: 4, Scope: "strange"}); yes || err != nil {
		t.Errorf("a scope that nobody knows is shown: %v, %v", yes, err)
	}
}

// TestSameRuleTwice compares the two spellings on random villages.
func TestSameRuleTwice(t *testing.T) {
	t.Parallel()
	db := newVillage(t)
	rapid.Check(t, func(r *rapid.T) {
		err := db.Write(t.Context(), func(tx storage.Tx) error {
			compare(t, r, tx)
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			r.Fatal(err)
		}
	})
}

var errUndo = errors.New("the village is as it was")

func compare(t *testing.T, r *rapid.T, tx storage.Querier) {
	person, group := rapid.Int64Range(1, people), rapid.Int64Range(11, 10+groups)
	for range rapid.IntRange(0, 12).Draw(r, "memberships") {
		exec(t, tx, `
			INSERT INTO memberships (community, who, role, since)
			VALUES ($1, $2, $3, $4)
			ON CONFLICT (community, who) DO NOTHING`,
			group.Draw(r, "community"), person.Draw(r, "member"),
			rapid.SampledFrom([]string{"member", "animator", "owner"}).Draw(r, "role"), noon)
	}
	for _, host := range []string{"a.example", "b.example:8443"} {
		for _, c := range rapid.SliceOfNDistinct(rapid.Int64Range(11, 13), 0, 3, rapid.ID).Draw(r, "shown to") {
			exec(t, tx, `INSERT INTO community_hosts (community, host, since) SELECT $1, id, $2 FROM hosts WHERE name = $3`, c, noon, host)
		}
	}
	for _, who := range rapid.SliceOfNDistinct(person, 0, 2, rapid.ID).Draw(r, "invited") {
		exec(t, tx, `INSERT INTO invitations (community, who, at) VALUES ($1, $2, $3)`, rapid.Int64Range(11, 13).Draw(r, "to"), who, noon)
	}
	for _, c := range rapid.SliceOfNDistinct(group, 0, 3, rapid.ID).Draw(r, "ended") {
		exec(t, tx, `UPDATE actors SET gone_at = $2 WHERE id = $1`, c, noon)
	}
	for range rapid.IntRange(0, 4).Draw(r, "former members") {
		exec(t, tx, `INSERT INTO former_members (community, who, ended_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			rapid.Int64Range(11, 13).Draw(r, "left"), person.Draw(r, "who left"), noon.Add(time.Duration(rapid.IntRange(-1, 1).Draw(r, "when"))*time.Hour))
	}
	judge(t, r, tx)
	posts := make([]post, rapid.IntRange(1, 12).Draw(r, "posts"))
	for i := range posts {
		p := post{
			id: int64(i + 100), author: person.Draw(r, "author"),
			scope:    rapid.SampledFrom([]string{"public", "unlisted", "members", "animators", "direct"}).Draw(r, "scope"),
			deleted:  rapid.IntRange(0, 9).Draw(r, "deleted") == 0,
			mentions: rapid.SliceOfNDistinct(person, 0, 3, rapid.ID).Draw(r, "mentions"),
		}
		if rapid.Bool().Draw(r, "in a community") {
			p.community = group.Draw(r, "of")
		}
		if rapid.IntRange(0, 3).Draw(r, "removed") == 0 {
			p.removed = group.Draw(r, "by")
		}
		p.insert(t, tx)
		posts[i] = p
	}
	before := slices.Clone(posts) // what was deleted since
	for i := range before {
		before[i].deleted = false
	}
	for _, reader := range readers() {
		if got, want := canSee(t, tx, reader, posts), visible(t, tx, reader); !slices.Equal(got, want) {
			r.Errorf("%+v sees %v by CanSee and %v by Visible of %+v", reader, got, want, posts)
		}
		if got, want := canSee(t, tx, reader, before), alike(t, picked(t, tx, reader, access.VisibleBefore("p")), picked(t, tx, reader, reader.VisibleBefore("p"))); !slices.Equal(got, want) {
			r.Errorf("%+v saw %v by CanSee and %v by VisibleBefore of %+v", reader, got, want, posts)
		}
		if got, want := knows(t, tx, reader), known(t, tx, reader); !slices.Equal(got, want) {
			r.Errorf("%+v knows of %v by Knows and of %v by Known", reader, got, want)
		}
	}
}

// judge suspends and silences, and has some follow others.
func judge(t *testing.T, r *rapid.T, tx storage.Querier) {
	person := rapid.Int64Range(1, people)
	for range rapid.IntRange(0, 2).Draw(r, "suspensions") {
		exec(t, tx, `INSERT INTO suspensions (actor, since) VALUES ($1, $2) ON CONFLICT DO NOTHING`, person.Draw(r, "suspended"), noon)
	}
	for range rapid.IntRange(0, 2).Draw(r, "policies") {
		exec(t, tx, `INSERT INTO host_policies (host, policy, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			rapid.SampledFrom([]string{"a.example", "b.example", "example", "c.example"}).Draw(r, "host"),
			rapid.SampledFrom([]string{"none", "silenced", "suspended"}).Draw(r, "policy"), noon)
	}
	for range rapid.IntRange(0, 6).Draw(r, "follows") {
		exec(t, tx, `
			INSERT INTO follows (followee, follower, state, iri, asked_at)
			VALUES ($1, $2, $3, '', $4)
			ON CONFLICT DO NOTHING`,
			person.Draw(r, "followee"), person.Draw(r, "follower"),
			rapid.SampledFrom([]string{"accepted", "pending", "ended"}).Draw(r, "state"), noon)
	}
}

func TestBlocks(t *testing.T) {
	t.Parallel()
	db := newVillage(t)
	blocked := func(by, whom actors.ID) bool {
		t.Helper()
		yes, err := access.Blocked(t.Context(), db, by, whom)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	err := db.Write(t.Context(), func(tx storage.Tx) error {
		if err := access.Block(t.Context(), tx, 1, 2, noon); err != nil {
			return err
		}
		return access.Block(t.Context(), tx, 1, 2, noon)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !blocked(1, 2) || blocked(2, 1) || blocked(1, 3) {
		t.Error("a block must hold in its own direction only")
	}
	err = db.Write(t.Context(), func(tx storage.Tx) error {
		first, err := access.Unblock(t.Context(), tx, 1, 2)
		if err != nil {
			return err
		}
		second, err := access.Unblock(t.Context(), tx, 1, 2)
		if !first || second {
			t.Errorf("unblocking changed something: %v, then %v", first, second)
		}
		return err
	})
	if err != nil || blocked(1, 2) {
		t.Errorf("after all that: %v, %v", blocked(1, 2), err)
	}
	err = db.Write(t.Context(), func(tx storage.Tx) error { return access.Block(t.Context(), tx, 1, 1, noon) })
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("blocking oneself: %v", err)
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	var mu sync.Mutex
	now := noon
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	here, elsewhere := access.NewHosts(db, clock), access.NewHosts(db, clock)
	want := func(h *access.Hosts, want bool, hosts ...string) {
		t.Helper()
		for _, host := range hosts {
			if got, err := h.Allowed(t.Context(), host); err != nil || got != want {
				t.Errorf("%q allowed: %v, %v, want %v", host, got, err, want)
			}
		}
	}
	bad := []string{"evil.example", "EVIL.example", "a.evil.example", "b.a.evil.example:8443", "evil.example:443", "10.0.0.1", "10.0.0.1:99", "[2001:db8::1]:8443", "xn--e1afmkfd.example", "пример.example", "one.example:81"}
	good := []string{"example", "notevil.example", "evil.example.org", "1.10.0.0", "one.example", "sub.one.example:81", "[2001:db8::2]"}

	want(here, true, bad...)
	want(elsewhere, true, bad...)
	for _, host := range []string{"Evil.example", "10.0.0.1", "[2001:db8::1]", "пример.example", "one.example:81", "evil.example"} {
		if err := here.Suspend(t.Context(), host, "spam"); err != nil {
			t.Fatal(err)
		}
	}
	want(here, false, bad...)
	want(here, true, good...)
	want(elsewhere, true, "evil.example") // remembered
	mu.Lock()
	now = now.Add(31 * time.Second)
	mu.Unlock()
	want(elsewhere, false, bad...)
	want(elsewhere, false, "", "a b", "evil.example/x", "user@good.example", "evil.example.", "a\x00.example") // no hosts at all

	list, err := here.List(t.Context())
	if err != nil || len(list) != 5 || list[2] != (access.Policy{Host: "evil.example", Policy: "suspended", Reason: "spam", Since: noon}) {
		t.Errorf("policies %+v, %v", list, err)
	}
	restore := func() error {
		defer here.Forget()
		return db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := here.Restore(t.Context(), tx, "evil.example")
			return err
		})
	}
	if err := restore(); err != nil {
		t.Fatal(err)
	}
	want(here, true, "evil.example", "a.evil.example")
	if err := restore(); !fault.Is(err, fault.NotFound) {
		t.Errorf("restoring twice: %v", err)
	}
	if err := here.Suspend(t.Context(), "not a host", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("suspending no host: %v", err)
	}
}

// TestWhatIsLeftOfACommunity: who was a member until its end knows that there was one, and reads
// of what was said within it their own words.
func TestWhatIsLeftOfACommunity(t *testing.T) {
	t.Parallel()
	db := newVillage(t)
	exec(t, db, `INSERT INTO community_hosts (community, host, since) SELECT 13, id, $1 FROM hosts WHERE name = 'a.example'`, noon)
	exec(t, db, `INSERT INTO invitations (community, who, at) VALUES (13, 6, $1)`, noon)
	exec(t, db, `INSERT INTO former_members (community, who, ended_at) VALUES (13, 1, $1), (13, 2, $2), (12, 1, $1)`, noon, noon.Add(-time.Hour))
	exec(t, db, `UPDATE actors SET gone_at = $1 WHERE id IN (11, 12, 13)`, noon)
	posts := []post{{id: 100, author: 1, community: 11, scope: "public"}, {id: 101, author: 1, community: 12, scope: "members"},
		{id: 102, author: 3, community: 12, scope: "members"}, {id: 103, author: 1, community: 13, scope: "animators"}}
	for _, p := range posts {
		p.insert(t, db)
	}
	for _, c := range []struct {
		reader access.Reader
		knows  bool
		sees   []int64
	}{
		{access.Reader{}, false, []int64{100}},
		{access.Reader{ID: 1}, true, []int64{100, 101, 103}},
		{access.Reader{ID: 2}, false, []int64{100}}, // who left before
		{access.Reader{ID: 3}, false, []int64{100, 102}},
		{access.Reader{ID: 6}, false, []int64{100}}, // an invitation to nothing
		{access.Reader{Host: "a.example"}, true, []int64{100}},
		{access.Reader{Host: "b.example:8443"}, false, []int64{100}},
	} {
		if got := slices.Contains(knows(t, db, c.reader), 13); got != c.knows {
			t.Errorf("%+v knows: %v", c.reader, got)
		}
		if got := canSee(t, db, c.reader, posts); !slices.Equal(got, c.sees) || !slices.Equal(visible(t, db, c.reader), c.sees) {
			t.Errorf("%+v sees %v and %v, want %v", c.reader, got, visible(t, db, c.reader), c.sees)
		}
	}
}
