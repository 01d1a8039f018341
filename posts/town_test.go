package posts_test

import (
	"bytes"

	"encoding/json"
	"fmt"

	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/media"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

const origin = "https://town.example"

// clock is a time that tests move; each look at it is a moment later.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Millisecond)
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// town is a server with a member Ana, her community makers, and a community
// elsewhere: cooks@lemmy.example. Bob and Zoe live elsewhere: Bob on
// mastodon.example follows makers, Zoe on lemmy.example too, and Kim on
// new.example, whose software is not known.
type town struct {
	db          *storage.DB
	dir         *actors.Directory
	accounts    *accounts.Service
	communities *communities.Service
	posts       *posts.Service
	media       *media.Service
	clock       *clock

	ana, bob, zoe, kim actors.Actor
	makers, cooks      actors.Actor
}

func newTown(t testing.TB) *town {
	t.Helper()
	tw := &town{db: storagetest.New(t), clock: &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
	iris := federation.IRIs{Origin: origin}
	client := federation.NewClient(federation.Options{Origin: origin, UserAgent: "test"})
	tw.dir = actors.New(actors.Options{DB: tw.db, Client: client, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: tw.clock.Now})
	_, err := tw.dir.EnsureServer(t.Context())
	check(t, err)
	tw.accounts = accounts.NewService(accounts.Options{DB: tw.db, Directory: tw.dir, IRIs: iris, Now: tw.clock.Now})
	tw.communities = communities.NewService(communities.Options{DB: tw.db, Directory: tw.dir, IRIs: iris, Now: tw.clock.Now})
	tw.media = media.New(media.Options{DB: tw.db, Client: client, Hosts: access.NewHosts(tw.db, tw.clock.Now), Key: bytes.Repeat([]byte{9}, 32),
		Now: tw.clock.Now, Shelf: t.TempDir(), Files: media.Limits{Size: 1 << 20, Post: 4, Sum: 1 << 20, Member: 1 << 20}})
	tw.posts = posts.NewService(posts.Options{DB: tw.db, Directory: tw.dir, Communities: tw.communities, Media: tw.media, Client: client,
		IRIs: iris, Now: tw.clock.Now})
	tw.ana = tw.member(t, "ana")
	c, err := tw.communities.Create(t.Context(), communities.New{Name: "makers", Title: "Makers", Animator: tw.ana.ID})
	check(t, err)
	tw.makers = c.Actor
	tw.bob = tw.remote(t, "bob", "mastodon.example", actors.Person, actors.Microblog)
	tw.zoe = tw.remote(t, "zoe", "lemmy.example", actors.Person, actors.Threads)
	tw.kim = tw.remote(t, "kim", "new.example", actors.Person, actors.Unknown)
	tw.cooks = tw.remote(t, "cooks", "lemmy.example", actors.Group, actors.Threads)
	for _, who := range []actors.Actor{tw.bob, tw.zoe, tw.kim} {
		tw.follows(t, tw.makers, who)
	}
	return tw
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// member makes a person of ours without the cost of a password.
func (tw *town) member(t testing.TB, name string) actors.Actor {
	t.Helper()
	var a actors.Actor
	check(t, tw.db.Write(t.Context(), func(tx storage.Tx) (err error) {
		a, err = tw.dir.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: actors.Person, Name: name})
		return err
	}))
	return a
}

// remote makes an actor of another server, known here.
func (tw *town) remote(t testing.TB, name, host string, kind actors.Kind, dialect actors.Dialect) actors.Actor {
	t.Helper()
	base := "https://" + host
	iri := base + "/" + name
	id := storage.NewID(tw.clock.Now())
	_, err := tw.db.Exec(t.Context(), `
		WITH h AS (
			INSERT INTO hosts (name, dialect) VALUES (@host, @dialect)
			ON CONFLICT (name) DO UPDATE SET dialect = @dialect
			RETURNING id
		), i AS (
			INSERT INTO inboxes (host, url, shared) SELECT id, @shared, true FROM h
			ON CONFLICT (url) DO UPDATE SET shared = true
			RETURNING id
		)
		INSERT INTO actors (id, iri, kind, host, name, inbox, shared_inbox, followers, delivery, published, refreshed_at)
		SELECT @id, @iri, @kind, h.id, @name, @iri || '/inbox', @shared, @iri || '/followers', i.id, @at, @at
		FROM h, i`,
		pgx.NamedArgs{"host": host, "dialect": int16(dialect), "shared": base + "/inbox", "id": id, "iri": iri,
			"kind": string(kind), "name": name, "at": tw.clock.Now()})
	check(t, err)
	a, err := tw.dir.ByIRI(t.Context(), iri)
	check(t, err)
	return a
}

func (tw *town) follows(t testing.TB, followee, follower actors.Actor) {
	t.Helper()
	tw.write(t, func(tx storage.Tx) error {
		return tw.dir.SetFollow(t.Context(), tx, actors.Follow{Followee: followee.ID, Follower: follower.ID,
			State: actors.Accepted, IRI: follower.IRI + "/follow/" + followee.Name})
	})
}

func (tw *town) write(t testing.TB, do func(tx storage.Tx) error) {
	t.Helper()
	check(t, tw.db.Write(t.Context(), do))
}

// note is what somebody elsewhere writes.
func note(author actors.Actor, name, content string, to ...string) vocab.Note {
	if len(to) == 0 {
		to = []string{vocab.Public}
	}
	return vocab.Note{ID: author.IRI + "/" + name, Type: "Note", AttributedTo: author.IRI, Authors: []string{author.IRI},
		Content: "<p>" + content + "</p>", To: to, Cc: []string{author.Followers},
		Published: time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)}
}

// said makes what the inbox hands over.
func said(t testing.TB, kind string, author actors.Actor, n vocab.Note) posts.In {
	t.Helper()
	object, err := n.Embed()
	check(t, err)
	a := vocab.Activity{ID: n.ID + "/" + strings.ToLower(kind) + fmt.Sprint(n.Updated.Unix()), Type: kind, Actor: author.IRI, Object: object,
		To: n.To, Cc: n.Cc, Published: n.Published}
	raw, err := a.Encode()
	check(t, err)
	return posts.In{Note: n, Author: author, Activity: raw, ActivityIRI: a.ID, ActivityType: kind}
}

func (tw *town) receive(t testing.TB, in posts.In) {
	t.Helper()
	check(t, tw.tryReceive(t, in))
}

func (tw *town) tryReceive(t testing.TB, in posts.In) error {
	t.Helper()
	return tw.db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := tw.posts.Receive(t.Context(), tx, in)
		return err
	})
}

func (tw *town) byIRI(t testing.TB, iri string) posts.Post {
	t.Helper()
	return tw.byIRIFor(t, 0, iri)
}

func (tw *town) byIRIFor(t testing.TB, who actors.ID, iri string) posts.Post {
	t.Helper()
	p, err := tw.posts.ByIRI(t.Context(), access.Reader{ID: who}, iri)
	check(t, err)
	return p
}

func reader(a actors.Actor) access.Reader { return access.Reader{ID: a.ID} }

// sent tells what leaves: "name: Type of object -> hosts", in the order in which it was said.
func (tw *town) sent(t testing.TB) []string {
	t.Helper()
	rows, _ := tw.db.Query(t.Context(), `
		SELECT a.name, c.body, coalesce(string_agg(h.name, ' ' ORDER BY h.name), '') AS hosts
		FROM activities c
		JOIN actors a ON a.id = c.actor
		LEFT JOIN deliveries d ON d.activity = c.id
		LEFT JOIN hosts h ON h.id = d.host
		GROUP BY c.id, a.name, c.body
		ORDER BY c.id`)
	type row struct {
		Name  string
		Body  []byte
		Hosts string
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	check(t, err)
	var lines []string
	for _, r := range all {
		lines = append(lines, fmt.Sprintf("%s: %s -> %s", r.Name, inWords(t, r.Body), r.Hosts))
	}
	return lines
}

// inWords tells an activity as Type(Type(...)).
func inWords(t testing.TB, raw []byte) string {
	t.Helper()
	var d struct {
		Type   string
		Object json.RawMessage
	}
	check(t, json.Unmarshal(raw, &d))
	if len(d.Object) == 0 {
		return d.Type
	}
	if d.Object[0] == '"' {
		return d.Type + "(id)"
	}
	return d.Type + "(" + inWords(t, d.Object) + ")"
}

// cleared forgets what was sent until now.
func (tw *town) cleared(t testing.TB) {
	t.Helper()
	for _, table := range []string{"deliveries", "activities"} {
		_, err := tw.db.Exec(t.Context(), "DELETE FROM "+table)
		check(t, err)
	}
}

func wantSent(t testing.TB, tw *town, want ...string) {
	t.Helper()
	got := tw.sent(t)
	if !slices.Equal(got, want) {
		t.Errorf("sent:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}
