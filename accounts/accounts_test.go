package accounts_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// town is a server with a member Ana, and Bob and the community cooks elsewhere.
type town struct {
	*accounts.Service
	db         *storage.DB
	dir        *actors.Directory
	clock      *clock
	member     accounts.Member
	ana        actors.Actor
	bob, cooks actors.Actor
}

const password = "correct horse"

func newTown(t *testing.T) *town {
	t.Helper()
	tw := &town{db: storagetest.New(t), clock: &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
	iris := federation.IRIs{Origin: "https://town.example"}
	tw.dir = actors.New(actors.Options{DB: tw.db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: tw.clock.Now,
		Client: federation.NewClient(federation.Options{Origin: iris.Origin, UserAgent: "test"})})
	_, err := tw.dir.EnsureServer(t.Context())
	check(t, err)
	tw.Service = accounts.NewService(accounts.Options{DB: tw.db, Directory: tw.dir, IRIs: iris, Now: tw.clock.Now})
	tw.member, err = tw.Create(t.Context(), accounts.New{Name: "ana", Email: "Ana@town.example", Password: password, Title: "Ana"})
	check(t, err)
	tw.ana, err = tw.dir.ByID(t.Context(), tw.member.ID)
	check(t, err)
	tw.bob = tw.remote(t, "bob", actors.Person)
	tw.cooks = tw.remote(t, "cooks", actors.Group)
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

// followers counts those who follow somebody.
func (tw *town) followers(t *testing.T, who actors.ID) int {
	t.Helper()
	ties, err := tw.dir.TiesOf(t.Context(), tw.db, []actors.ID{who})
	check(t, err)
	return ties[who].Followers
}

func (tw *town) remote(t *testing.T, name string, kind actors.Kind) actors.Actor {
	t.Helper()
	iri := "https://remote.example/" + name
	_, err := tw.db.Exec(t.Context(), `
		WITH h AS (INSERT INTO hosts (name) VALUES ('remote.example') ON CONFLICT (name) DO UPDATE SET dialect = 1 RETURNING id),
		i AS (INSERT INTO inboxes (host, url, shared) SELECT id, @iri || '/inbox', false FROM h RETURNING id)
		INSERT INTO actors (id, iri, kind, host, name, inbox, delivery, published, refreshed_at)
		SELECT @id, @iri, @kind, h.id, @name, @iri || '/inbox', i.id, @at, @at FROM h, i`,
		pgx.NamedArgs{"iri": iri, "id": storage.NewID(tw.clock.Now()), "at": tw.clock.Now(), "name": name, "kind": string(kind)})
	check(t, err)
	a, err := tw.dir.ByIRI(t.Context(), iri)
	check(t, err)
	return a
}

// sent gives what leaves, in order, and to how many inboxes.
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
		lines = append(lines, fmt.Sprintf("%s %s to %d", a.Type, a.Object.Type, n))
		return nil
	})
	check(t, err)
	return lines
}

func wantSent(t *testing.T, tw *town, want ...string) {
	t.Helper()
	if got := tw.sent(t); !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	good := accounts.New{Name: "eve", Email: "eve@town.example", Password: password}
	for name, change := range map[string]func(*accounts.New){
		"a name that is taken":         func(n *accounts.New) { n.Name = "ana" },
		"a name with capitals":         func(n *accounts.New) { n.Name = "Eve" },
		"an address that is taken":     func(n *accounts.New) { n.Email = "ana@TOWN.example" },
		"an address with a name in it": func(n *accounts.New) { n.Email = "Eve <eve@town.example>" },
		"no address":                   func(n *accounts.New) { n.Email = "" },
		"a short password":             func(n *accounts.New) { n.Password = "1234567" },
		"a language that is none":      func(n *accounts.New) { n.Language = "<b>" },
	} {
		n := good
		change(&n)
		if _, err := tw.Create(t.Context(), n); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m, err := tw.Create(t.Context(), good); err != nil || m.Language != "fr" {
		t.Errorf("a good one: %+v, %v", m, err)
	}
	list, err := tw.List(t.Context())
	check(t, err)
	if len(list) != 2 || list[0].Name != "ana" || list[0].Title != "Ana" {
		t.Errorf("members = %+v", list)
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for _, login := range []string{"ana", "ana@town.example", " ANA@town.example "} {
		if m, err := tw.SignIn(t.Context(), login, password, "192.0.2.1"); err != nil || m.ID != tw.member.ID {
			t.Errorf("%q: %+v, %v", login, m, err)
		}
	}
	_, unknown := tw.SignIn(t.Context(), "nobody", password, "192.0.2.1")
	_, wrong := tw.SignIn(t.Context(), "ana", "wrong password", "192.0.2.1")
	if !fault.Is(wrong, fault.Unauthenticated) || fmt.Sprint(unknown) != fmt.Sprint(wrong) {
		t.Errorf("unknown login: %v, wrong password: %v", unknown, wrong)
	}
	check(t, tw.SetPassword(t.Context(), acts.By{}, tw.member.ID, "another horse"))
	if _, err := tw.SignIn(t.Context(), "ana", password, "192.0.2.1"); err == nil {
		t.Error("the old password still opens")
	}
	if _, err := tw.SignIn(t.Context(), "ana", "another horse", "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

func TestSignInLimits(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for range 10 {
		_, _ = tw.SignIn(t.Context(), "ana", "wrong password", "192.0.2.1") // refused: that is the point
	}
	_, err := tw.SignIn(t.Context(), "ana", password, "192.0.2.2")
	if !fault.Is(err, fault.TooMany) || fault.After(err) <= 0 || fault.After(err) > 15*time.Minute {
		t.Fatalf("after ten failures: %v, come back after %v", err, fault.After(err))
	}
	tw.clock.pass(16 * time.Minute)
	if _, err := tw.SignIn(t.Context(), "ana", password, "192.0.2.2"); err != nil {
		t.Errorf("later: %v", err)
	}
	for i := range 50 {
		if _, err := tw.SignIn(t.Context(), fmt.Sprint("nobody", i), "wrong password", "192.0.2.3"); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("try %d of one address: %v", i, err)
		}
	}
	if _, err := tw.SignIn(t.Context(), "ana", password, "192.0.2.3"); !fault.Is(err, fault.TooMany) {
		t.Errorf("an address that tried many names: %v", err)
	}
	if _, err := tw.SignIn(t.Context(), "ana", password, "192.0.2.4"); err != nil {
		t.Errorf("another address: %v", err)
	}
}

func TestSignInLimitsAllAtOnce(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	var tried atomic.Int64
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			_, err := tw.SignIn(t.Context(), "ana", "wrong password", "192.0.2.1")
			if fault.Is(err, fault.Unauthenticated) {
				tried.Add(1)
			}
		})
	}
	all.Wait()
	if n := tried.Load(); n > 12 { // ten, and one more for each that is compared meanwhile
		t.Errorf("%d passwords were tried at once, want ten or little more", n)
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	secret, err := tw.IssueToken(t.Context(), acts.By{}, tw.member.ID, "test", time.Hour)
	check(t, err)
	if m, err := tw.ByToken(t.Context(), secret); err != nil || m.ID != tw.member.ID {
		t.Errorf("member = %+v, %v", m, err)
	}
	var kept int
	check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM tokens AS k WHERE position($1 IN k::text || encode(hash, 'escape')) > 0`, secret).Scan(&kept))
	if kept != 0 {
		t.Error("the secret itself is kept")
	}
	tw.clock.pass(2 * time.Hour)
	if _, err := tw.ByToken(t.Context(), secret); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("after its end: %v", err)
	}
	again, err := tw.IssueToken(t.Context(), acts.By{}, tw.member.ID, "test", 0)
	check(t, err)
	check(t, tw.RevokeToken(t.Context(), again))
	if _, err := tw.ByToken(t.Context(), again); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("after it was revoked: %v", err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	rows := func() (tokens, failures int) {
		check(t, tw.db.QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM tokens), (SELECT count(*) FROM sign_in_failures)`).Scan(&tokens, &failures))
		return tokens, failures
	}
	spend := func() {
		_, err := tw.IssueToken(t.Context(), acts.By{}, tw.member.ID, "an hour", time.Hour)
		check(t, err)
		if _, err := tw.SignIn(t.Context(), "nobody", "wrong horse", "203.0.113.1"); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("signed in: %v", err)
		}
	}
	_, err := tw.IssueToken(t.Context(), acts.By{}, tw.member.ID, "for ever", 0)
	check(t, err)
	spend()
	tw.clock.pass(2 * time.Hour)
	spend()
	check(t, tw.Sweep(t.Context()))
	if tokens, failures := rows(); tokens != 2 || failures != 2 { // the one for ever and the young; a login and an address
		t.Errorf("after sweeping: %d tokens, %d failures; want 2 and 2", tokens, failures)
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	state, err := tw.Follow(ctx, tw.member.ID, tw.cooks)
	check(t, err)
	if state != "pending" {
		t.Errorf("state = %s", state)
	}
	f, err := tw.dir.FollowOf(ctx, tw.db, tw.cooks.ID, tw.ana.ID)
	check(t, err)
	answer := func(by actors.Actor, accepted bool) error {
		return tw.db.Write(ctx, func(tx storage.Tx) error {
			_, err := tw.FollowAnswered(ctx, tx, by, accounts.Answer{FollowIRI: f.IRI, Accepted: accepted})
			return err
		})
	}
	if err := answer(tw.bob, true); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody else accepts: %v", err)
	}
	check(t, answer(tw.cooks, true))
	check(t, answer(tw.cooks, true))
	if state, err = tw.Follow(ctx, tw.member.ID, tw.cooks); err != nil || state != "accepted" {
		t.Errorf("asked again: %s, %v", state, err)
	}
	check(t, tw.Unfollow(ctx, tw.member.ID, tw.cooks))
	check(t, tw.Unfollow(ctx, tw.member.ID, tw.cooks))
	if err := answer(tw.cooks, true); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an Accept after the end: %v", err)
	}
	if f, err = tw.dir.FollowOf(ctx, tw.db, tw.cooks.ID, tw.ana.ID); err != nil || f.State != actors.Ended {
		t.Errorf("follow = %+v, %v", f, err)
	}
	wantSent(t, tw, "Follow  to 1", "Undo Follow to 1")
	if _, err := tw.Follow(ctx, tw.member.ID, tw.ana); !fault.Is(err, fault.Invalid) {
		t.Errorf("herself: %v", err)
	}
}

func TestFollowHere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	eve, err := tw.Create(t.Context(), accounts.New{Name: "eve", Email: "eve@town.example", Password: password})
	check(t, err)
	if state, err := tw.Follow(t.Context(), eve.ID, tw.ana); err != nil || state != "accepted" {
		t.Errorf("state = %s, %v", state, err)
	}
	check(t, tw.Unfollow(t.Context(), eve.ID, tw.ana))
	wantSent(t, tw)
}

func TestReceiveFollow(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	follow := vocab.Activity{ID: tw.bob.IRI + "/f", Type: "Follow", Actor: tw.bob.IRI, Object: vocab.Link(tw.ana.IRI)}
	raw, err := follow.Encode()
	check(t, err)
	follow.Raw = raw
	for range 2 {
		tw.write(t, func(tx storage.Tx) error { return tw.ReceiveFollow(t.Context(), tx, tw.bob, tw.ana, follow) })
	}
	if n := tw.followers(t, tw.ana.ID); n != 1 {
		t.Errorf("followers = %d, want 1", n)
	}
	for _, want := range []bool{true, false} {
		tw.write(t, func(tx storage.Tx) error {
			ended, err := tw.ReceiveUnfollow(t.Context(), tx, tw.bob, tw.ana)
			if ended != want {
				t.Errorf("ended = %v, want %v", ended, want)
			}
			return err
		})
	}
	wantSent(t, tw, "Accept Follow to 1", "Accept Follow to 1")
}

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	tw.write(t, func(tx storage.Tx) error {
		return tw.dir.SetFollow(t.Context(), tx, actors.Follow{Followee: tw.ana.ID, Follower: tw.bob.ID, State: actors.Accepted, IRI: "x"})
	})
	m, err := tw.UpdateProfile(t.Context(), tw.member.ID, accounts.Profile{Title: "Ana B.", Source: "I <script> *mend*.", Language: "en"})
	check(t, err)
	if m.Title != "Ana B." || m.Language != "en" {
		t.Errorf("member = %+v", m)
	}
	a, err := tw.dir.ByID(t.Context(), m.ID)
	check(t, err)
	if !strings.Contains(a.Summary, "<em>mend</em>") || strings.Contains(a.Summary, "<script") {
		t.Errorf("summary = %s", a.Summary)
	}
	wantSent(t, tw, "Update Person to 1")
}

// TestRequests has Bob's server silenced: he waits, and Ana answers him.
func TestRequests(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	_, err := tw.db.Exec(t.Context(), `INSERT INTO host_policies (host, policy, since) VALUES ('remote.example', 'silenced', $1)`, tw.clock.Now())
	check(t, err)
	asks := func(id string) {
		t.Helper()
		follow := vocab.Activity{ID: tw.bob.IRI + id, Type: "Follow", Actor: tw.bob.IRI, Object: vocab.Link(tw.ana.IRI)}
		tw.write(t, func(tx storage.Tx) error { return tw.ReceiveFollow(t.Context(), tx, tw.bob, tw.ana, follow) })
	}
	waits := func(want ...actors.ID) {
		t.Helper()
		var got []actors.ID
		all, err := tw.Requests(t.Context(), tw.ana.ID)
		check(t, err)
		for _, a := range all {
			got = append(got, a.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("waiting: %v, want %v", got, want)
		}
	}
	asks("/1")
	waits(tw.bob.ID)
	wantSent(t, tw)
	check(t, tw.AnswerRequest(t.Context(), tw.ana.ID, tw.bob.ID, false))
	waits()
	if err := tw.AnswerRequest(t.Context(), tw.ana.ID, tw.bob.ID, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("answered twice: %v", err)
	}
	asks("/2")
	check(t, tw.AnswerRequest(t.Context(), tw.ana.ID, tw.bob.ID, true))
	if n := tw.followers(t, tw.ana.ID); n != 1 {
		t.Errorf("followers = %d, want 1", n)
	}
	wantSent(t, tw, "Reject Follow to 1", "Accept Follow to 1")
}
