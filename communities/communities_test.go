package communities_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// town is a server with a member Ana who animates makers, and Bob elsewhere.
type town struct {
	*communities.Service
	db       *storage.DB
	dir      *actors.Directory
	iris     federation.IRIs
	ana, bob actors.Actor
	makers   communities.Community
}

func newTown(t *testing.T) *town {
	t.Helper()
	iris := federation.IRIs{Origin: "https://town.example"}
	tw := &town{db: storagetest.New(t), iris: iris}
	tw.dir = actors.New(actors.Options{DB: tw.db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32),
		Client: federation.NewClient(federation.Options{Origin: iris.Origin, UserAgent: "test"})})
	_, err := tw.dir.EnsureServer(t.Context())
	check(t, err)
	tw.Service = communities.NewService(communities.Options{DB: tw.db, Directory: tw.dir, IRIs: iris})
	tw.ana = tw.member(t, "ana")
	tw.bob = tw.remote(t, "https://remote.example/bob")
	tw.makers, err = tw.Create(t.Context(), communities.New{Name: "makers", Title: " The  makers ", Source: "We *make*.", Animator: tw.ana.ID})
	check(t, err)
	return tw
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (tw *town) write(t *testing.T, do func(tx storage.Tx) error) {
	t.Helper()
	check(t, tw.db.Write(t.Context(), do))
}

func (tw *town) member(t *testing.T, name string) (a actors.Actor) {
	t.Helper()
	tw.write(t, func(tx storage.Tx) (err error) {
		a, err = tw.dir.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: actors.Person, Name: name})
		return err
	})
	return a
}

func (tw *town) remote(t *testing.T, iri string) actors.Actor {
	t.Helper()
	host := federation.Host(iri)
	_, err := tw.db.Exec(t.Context(), `
		WITH h AS (INSERT INTO hosts (name) VALUES (@host) ON CONFLICT (name) DO UPDATE SET dialect = 1 RETURNING id),
		i AS (INSERT INTO inboxes (host, url, shared) SELECT id, @iri || '/inbox', false FROM h RETURNING id)
		INSERT INTO actors (id, iri, kind, host, name, inbox, followers, delivery, published, refreshed_at)
		SELECT @id, @iri, 'person', h.id, 'bob', @iri || '/inbox', @iri || '/followers', i.id, @at, @at FROM h, i`,
		pgx.NamedArgs{"host": host, "iri": iri, "id": storage.NewID(time.Now()), "at": time.Now()})
	check(t, err)
	a, err := tw.dir.ByIRI(t.Context(), iri)
	check(t, err)
	return a
}

// sent gives "Type(Type) -> hosts" of what leaves, in order.
func (tw *town) sent(t *testing.T) (lines []string) {
	t.Helper()
	rows, _ := tw.db.Query(t.Context(), `
		SELECT c.body, count(d.*)
		FROM activities c
		LEFT JOIN deliveries d ON d.activity = c.id
		GROUP BY c.id
		ORDER BY c.id`)
	var body []byte
	var n int
	_, err := pgx.ForEachRow(rows, []any{&body, &n}, func() error {
		a, err := vocab.ReadActivity(body)
		check(t, err)
		lines = append(lines, fmt.Sprintf("%s(%s) to %d", a.Type, strings.TrimSpace(a.Object.Type+" "+a.Object.ID), n))
		return nil
	})
	check(t, err)
	return lines
}

func followBy(t *testing.T, by actors.Actor, community actors.Actor, name string) vocab.Activity {
	t.Helper()
	a := vocab.Activity{ID: by.IRI + "/follows/" + name, Type: "Follow", Actor: by.IRI, Object: vocab.Link(community.IRI)}
	raw, err := a.Encode()
	check(t, err)
	a, err = vocab.ReadActivity(raw)
	check(t, err)
	return a
}

func TestCreate(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	c, err := tw.ByName(t.Context(), "makers")
	check(t, err)
	if c.Actor.Kind != actors.Group || c.Actor.Title != "The makers" || c.Access != actors.Open || c.Followers != 1 ||
		!strings.Contains(c.Actor.Summary, "<em>make</em>") || c.Language != "fr" || c.Zone != "America/Toronto" {
		t.Errorf("community = %+v", c)
	}
	animators, err := tw.Animators(t.Context(), tw.db, c.Actor.ID)
	check(t, err)
	if len(animators) != 1 || animators[0].ID != tw.ana.ID {
		t.Errorf("animators = %v", animators)
	}
	list, err := tw.List(t.Context(), "", 10)
	check(t, err)
	if len(list) != 1 {
		t.Errorf("list = %v", list)
	}
	for name, n := range map[string]communities.New{
		"a name that is taken":    {Name: "ana", Title: "x", Animator: tw.ana.ID},
		"a name with an accent":   {Name: "éclair", Title: "x", Animator: tw.ana.ID},
		"no title":                {Name: "bakers", Animator: tw.ana.ID},
		"a zone that is none":     {Name: "bakers", Title: "x", Zone: "Mars/Base", Animator: tw.ana.ID},
		"nobody who animates":     {Name: "bakers", Title: "x"},
		"a level that is none":    {Name: "bakers", Title: "x", Access: "secret", Animator: tw.ana.ID},
		"a name too long to hide": {Name: "abcdefghijklmnopqrstuvw", Title: "x", Access: actors.Confidential, Animator: tw.ana.ID},
	} {
		if _, err := tw.Create(t.Context(), n); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tw.ByName(t.Context(), "ana"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a person is no community: %v", err)
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	follow := func(by actors.Actor, name string) error {
		return tw.db.Write(t.Context(), func(tx storage.Tx) error {
			return tw.ReceiveFollow(t.Context(), tx, by, tw.makers.Actor, followBy(t, by, tw.makers.Actor, name))
		})
	}
	followers := func() int {
		t.Helper()
		ties, err := tw.dir.TiesOf(t.Context(), tw.db, []actors.ID{tw.makers.Actor.ID})
		check(t, err)
		return ties[tw.makers.Actor.ID].Followers
	}
	check(t, follow(tw.bob, "1"))
	check(t, follow(tw.bob, "1"))
	if followers() != 2 {
		t.Errorf("followers = %d, want ana and bob", followers())
	}
	want := []string{"Accept(Follow https://remote.example/bob/follows/1) to 1", "Accept(Follow https://remote.example/bob/follows/1) to 1"}
	if got := tw.sent(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	for range 2 {
		tw.write(t, func(tx storage.Tx) error {
			_, err := tw.ReceiveUnfollow(t.Context(), tx, tw.bob, tw.makers.Actor)
			return err
		})
	}
	if followers() != 1 {
		t.Errorf("followers = %d after the end", followers())
	}
	check(t, follow(tw.bob, "2"))
	if followers() != 2 {
		t.Errorf("followers = %d after he came back", followers())
	}

	tw.write(t, func(tx storage.Tx) error {
		return access.Block(t.Context(), tx, tw.makers.Actor.ID, tw.bob.ID, time.Now())
	})
	check(t, follow(tw.bob, "3"))
	if got := tw.sent(t); !strings.HasPrefix(got[len(got)-1], "Reject(Follow") {
		t.Errorf("sent %q, want a Reject last", got)
	}
	if err := tw.MayPublish(t.Context(), tw.db, tw.makers.Actor.ID, tw.bob); !fault.Is(err, fault.Forbidden) {
		t.Errorf("whom it blocked publishes: %v", err)
	}
	app, err := tw.dir.Application(t.Context())
	check(t, err)
	if err := follow(app, "4"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a server follows: %v", err)
	}
}

// asks becomes a member of the makers.
func asks(t *testing.T, tw *town, who actors.ID) {
	t.Helper()
	if got, err := tw.Ask(t.Context(), tw.makers.Actor.ID, who, ""); err != nil || got != communities.Member {
		t.Errorf("asked, %d is %q: %v", who, got, err)
	}
}

func TestJoinAndLeave(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	eve := tw.member(t, "eve")
	asks(t, tw, eve.ID)
	asks(t, tw, eve.ID)
	if f, err := tw.dir.FollowOf(t.Context(), tw.db, tw.makers.Actor.ID, eve.ID); err != nil || f.State != actors.Accepted {
		t.Errorf("follow = %+v, %v", f, err)
	}
	if is, err := tw.IsAnimator(t.Context(), tw.db, tw.makers.Actor.ID, eve.ID); err != nil || is {
		t.Errorf("a member animates: %v, %v", is, err)
	}
	check(t, tw.Leave(t.Context(), tw.makers.Actor.ID, eve.ID))
	if err := tw.Leave(t.Context(), tw.makers.Actor.ID, tw.ana.ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("who owns it leaves: %v", err)
	}
	if got := tw.sent(t); len(got) > 0 {
		t.Errorf("sent %q: ours need no delivery", got)
	}
}

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	tw.write(t, func(tx storage.Tx) error {
		return tw.ReceiveFollow(t.Context(), tx, tw.bob, tw.makers.Actor, followBy(t, tw.bob, tw.makers.Actor, "1"))
	})
	eve := tw.member(t, "eve")
	if _, err := tw.Service.UpdateProfile(t.Context(), eve.ID, tw.makers.Actor.ID, communities.Profile{Title: "Mine"}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate changes it: %v", err)
	}
	c, err := tw.Service.UpdateProfile(t.Context(), tw.ana.ID, tw.makers.Actor.ID, communities.Profile{Title: "Menders"})
	check(t, err)
	if c.Actor.Title != "Menders" || c.Language != "fr" {
		t.Errorf("community = %+v", c)
	}
	got := tw.sent(t)
	if want := "Update(Group " + tw.makers.Actor.IRI + ") to 1"; got[len(got)-1] != want {
		t.Errorf("sent %q, want %q last", got, want)
	}
}

func TestAnnounceTwice(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	what := communities.What{Activity: []byte(`{"id":"https://remote.example/bob/a","type":"Create" , "x":"\u00e9\/"}`),
		ActivityIRI: "https://remote.example/bob/a", ActivityType: "Create", Object: "https://remote.example/bob/1",
		Author: tw.bob, Root: 1, Starter: true, At: time.Now()}
	for range 2 {
		tw.write(t, func(tx storage.Tx) error { return tw.Announce(t.Context(), tx, tw.makers.Actor, what) })
	}
	// Bob does not follow: his server, of which nothing is known, hears of his own post in both forms.
	want := []string{"Announce(Create https://remote.example/bob/a) to 1", "Announce(https://remote.example/bob/1) to 1"}
	if got := tw.sent(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
	var body []byte
	check(t, tw.db.QueryRow(t.Context(), `SELECT body FROM activities WHERE listed`).Scan(&body))
	if !bytes.Contains(body, what.Activity) {
		t.Errorf("what was said is not there byte for byte: %s", body)
	}
}
