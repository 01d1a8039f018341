package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/posts"
	"passerelles/storage/storagetest"
)

const (
	soakDay  = 24 * time.Hour
	soakStep = 12 * time.Hour // longer than any host rests
)

// TestSixtyDays lets three servers of ours talk for sixty days while two of them are
// reached only now and then, by dice. What one says comes to the others soon after they
// are reached again, and nothing grows from the thirtieth day to the sixtieth but
// what docs/schema.md keeps of what people said.
//
// CHAOS_FOR set: they say ten times as much. CHAOS_SEED throws the same dice again.
func TestSixtyDays(t *testing.T) {
	t.Parallel()
	s := newSoak(t)
	var month []grown
	for s.day() < 60 {
		if s.day() == 30 && month == nil {
			month = s.measure()
		}
		s.step()
	}
	for _, c := range s.servers {
		c.down.Store(false)
	}
	for range 2 {
		s.clock.pass(soakStep)
		s.settle()
	}
	s.checkSame()
	for i, end := range s.measure() {
		end.complain(t, s.servers[i].name, month[i], s)
	}
	s.t.Logf("seed %d: %d things said; no table grew but as it should: %v", s.seed, s.said, month[0].rows)
}

// soak is three servers and the time that passes for them.
type soak struct {
	t       *testing.T
	seed    uint64
	dice    *rand.Rand
	clock   *soakClock
	servers []*soaked
	group   actors.Actor
	said    int
	each    int // things said by each at a step
}

// soaked is a server, and whether others reach it.
type soaked struct {
	*Server
	name  string
	redis string
	who   accounts.Member
	down  atomic.Bool
	turns time.Time // when that changes
	since time.Time // since when it is as it is
}

type soakClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *soakClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *soakClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

var soakStart = time.Date(2027, 3, 1, 6, 0, 0, 0, time.UTC)

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{t: t, seed: rand.Uint64(), clock: &soakClock{now: soakStart}, each: 1}
	if chosen, err := strconv.ParseUint(os.Getenv("CHAOS_SEED"), 10, 64); err == nil {
		s.seed = chosen
	}
	if os.Getenv("CHAOS_FOR") != "" {
		s.each = 10
	}
	t.Logf("CHAOS_SEED=%d", s.seed)
	s.dice = rand.New(rand.NewPCG(s.seed, 0))
	doors := make([]*httptest.Server, 3)
	var ports []uint16
	for i := range doors {
		doors[i] = httptest.NewUnstartedServer(nil)
		_, text, _ := strings.Cut(doors[i].Listener.Addr().String(), ":")
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, uint16(port))
	}
	for i, door := range doors {
		s.servers = append(s.servers, s.open([]string{"home", "near", "far"}[i], door, ports))
	}
	home := s.servers[0]
	c, err := home.Communities.Create(t.Context(), communities.New{Name: "makers", Title: "Makers", Animator: home.who.ID})
	if err != nil {
		t.Fatal(err)
	}
	s.group = c.Actor
	for _, there := range s.servers[1:] {
		s.follow(there)
	}
	return s
}

// open opens a server behind a door that may be shut, and lets it work.
func (s *soak) open(name string, door *httptest.Server, ports []uint16) *soaked {
	s.t.Helper()
	cfg := config.Default()
	cfg.Origin = "http://" + door.Listener.Addr().String()
	cfg.Data, cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = s.t.TempDir(), storagetest.URL(s.t), storagetest.Redis(s.t), 8
	cfg.AllowHTTP, cfg.AllowPorts, cfg.AllowNetworks = true, ports, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cfg.Slots, cfg.SlowSlots, cfg.InboxWorkers, cfg.PostsAnHour = 4, 4, 2, 0
	opened, err := Open(s.t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler), Now: s.clock.Now})
	if err != nil {
		s.t.Fatal(err)
	}
	c := &soaked{Server: opened, name: name, redis: cfg.RedisURL, turns: soakStart.Add(2 * soakDay), since: soakStart}
	if c.who, err = c.Accounts.Create(s.t.Context(), accounts.New{Name: "ana", Email: "ana@" + name + ".example", Password: "correct horse battery"}); err != nil {
		s.t.Fatal(err)
	}
	site := c.Handler()
	door.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !c.down.Load():
			site.ServeHTTP(w, r)
		case len(r.URL.Path)%2 == 0:
			panic(http.ErrAbortHandler) // the connection breaks
		default:
			w.WriteHeader(http.StatusBadGateway) // its proxy answers
		}
	})
	door.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	door.Start()
	ctx, end := context.WithCancel(context.Background())
	worked := make(chan error, 1)
	go func() { worked <- c.Work(ctx) }()
	s.t.Cleanup(func() {
		end()
		if err := errors.Join(<-worked, c.Close()); err != nil {
			s.t.Error(err)
		}
		door.Close()
	})
	return c
}

func (s *soak) follow(there *soaked) {
	s.t.Helper()
	group, err := there.Directory.Find(s.t.Context(), s.group.IRI)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := there.Accounts.Follow(s.t.Context(), there.who.ID, group); err != nil {
		s.t.Fatal(err)
	}
	s.settle()
	if state, err := there.Accounts.Follow(s.t.Context(), there.who.ID, group); err != nil || state != string(actors.Accepted) {
		s.t.Fatalf("%s follows: %s, %v", there.name, state, err)
	}
}

func (s *soak) day() int { return int(s.clock.Now().Sub(soakStart) / soakDay) }

// step has the hosts come and go, people speak, half a day pass, all be swept.
func (s *soak) step() {
	s.t.Helper()
	now := s.clock.Now()
	for i, c := range s.servers {
		if i > 0 && now.After(c.turns) {
			c.down.Store(!c.down.Load())
			most := 3 * soakDay
			if c.down.Load() {
				most = 12 * soakDay
			}
			c.turns, c.since = now.Add(soakStep+time.Duration(s.dice.Int64N(int64(most)))), now
		}
		for range s.each {
			s.speak(c)
		}
	}
	s.clock.pass(soakStep)
	s.settle()
	for _, c := range s.servers {
		if _, err := c.sweepOnce(s.t.Context()); err != nil {
			s.t.Error(err)
		}
	}
	s.checkPromise()
}

// speak has somebody say one thing.
func (s *soak) speak(c *soaked) {
	s.t.Helper()
	s.said++
	s.clock.pass(time.Second)        // two versions of one moment are one to who receives both at that moment
	id := func(which string) int64 { // one of the latest
		ids := column[int64](s.t, c, `
			SELECT id FROM posts
			WHERE deleted_at IS NULL AND community IS NOT NULL AND `+which+` ORDER BY id DESC LIMIT 20`)
		if len(ids) == 0 {
			return 0
		}
		return ids[s.dice.IntN(len(ids))]
	}
	ctx, draft := s.t.Context(), posts.Draft{Text: fmt.Sprintf("Parole %d, de %s.", s.said, c.name)}
	dice := s.dice.IntN(10)
	mine, any := id("local"), id("parent IS NULL")
	var err error
	switch {
	case dice < 2 && mine != 0:
		_, err = c.Posts.Edit(ctx, c.who.ID, mine, draft)
	case dice < 3 && mine != 0:
		err = c.Posts.Delete(ctx, c.who.ID, mine)
	case dice < 5 && any != 0:
		err = c.Posts.Like(ctx, c.who.ID, any)
	case dice < 6 && any != 0:
		err = c.Posts.Unlike(ctx, c.who.ID, any)
	case dice < 8 && any != 0:
		draft.InReplyTo = any
		_, err = c.Posts.Publish(ctx, c.who.ID, draft)
	default:
		var group actors.Actor
		if group, err = c.Directory.ByIRI(ctx, s.group.IRI); err == nil {
			draft.Community = group.ID
			_, err = c.Posts.Publish(ctx, c.who.ID, draft)
		}
	}
	if err != nil {
		s.t.Errorf("%s: %v", c.name, err)
	}
}

// settle waits until nothing is due anywhere, nor soon, as where a host that is behind
// asks for some seconds. The clock goes on a little meanwhile.
func (s *soak) settle() {
	s.t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for calm := 0; calm < 2; calm++ {
		for _, c := range s.servers {
			for due := s.due(c); due != 0; due = s.due(c) {
				if time.Now().After(deadline) {
					s.t.Fatalf("%d things of %s wait on day %d", due, c.name, s.day())
				}
				calm = 0
				s.clock.pass(2 * time.Second)
				select {
				case <-s.t.Context().Done():
				case <-time.After(100 * time.Millisecond):
				}
			}
		}
	}
}

func (s *soak) due(c *soaked) int64 {
	s.t.Helper()
	return number(s.t, c, `
		SELECT (SELECT count(*) FROM inbox_queue WHERE due_at <= $1)
			+ (SELECT count(*) FROM jobs WHERE due_at <= $1 AND dead_at IS NULL)
			+ (SELECT count(*)
				FROM deliveries AS d
				LEFT JOIN host_states AS h ON h.host = d.host
				WHERE coalesce(h.resting_until <= $2, true) AND coalesce(d.not_before <= $1, true)
					AND NOT EXISTS (
						SELECT FROM deliveries AS held -- of the same thread, and said before
						WHERE held.host = d.host AND held.inbox = d.inbox AND held.slot = d.slot
							AND held.activity < d.activity AND held.not_before > $1))`, s.clock.Now(), s.clock.Now().Add(30*time.Second))
}

// checkPromise: nothing is given up, and for who has been reached for longer than a
// host rests nothing waits that is older.
func (s *soak) checkPromise() {
	s.t.Helper()
	now := s.clock.Now()
	for _, c := range s.servers {
		if n := number(s.t, c, `SELECT count(*) FROM dead_letters`); n != 0 {
			s.t.Errorf("day %d: %s gave up %d: %q", s.day(), c.name, n, column[string](s.t, c, `SELECT DISTINCT reason FROM dead_letters`))
		}
		for _, to := range s.servers {
			if to.down.Load() || now.Sub(to.since) < soakStep {
				continue
			}
			u, err := url.Parse(to.Config.Origin)
			if err != nil {
				s.t.Fatal(err)
			}
			if late := column[string](s.t, c, `
				SELECT concat_ws(' ', a.published, d.not_before, d.attempts, s.resting_until, s.failures, s.error)
				FROM deliveries AS d
				JOIN hosts AS h ON h.id = d.host
				JOIN activities AS a ON a.id = d.activity
				LEFT JOIN host_states AS s ON s.host = d.host
				WHERE h.name = $1 AND a.published < $2`, u.Host, now.Add(-soakStep-time.Hour)); len(late) > 0 {
				s.t.Errorf("%v: %d of %s wait for %s, which answers since %v: %q", now, len(late), c.name, to.name, to.since, late)
			}
		}
	}
}

// checkSame: each post that stands at home stands elsewhere, with as many likes, and no
// other does.
func (s *soak) checkSame() {
	s.t.Helper()
	const sql = `
		SELECT concat_ws(' ', p.iri, p.content, (SELECT count(*) FROM likes WHERE post = p.id))
		FROM posts AS p
		WHERE p.deleted_at IS NULL
		ORDER BY p.iri`
	want := column[string](s.t, s.servers[0], sql)
	if len(want) < 60 {
		s.t.Errorf("only %d posts", len(want))
	}
	for _, there := range s.servers[1:] {
		if got := column[string](s.t, there, sql); !slices.Equal(got, want) {
			s.t.Errorf("%s shows\n%s\nwant\n%s", there.name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// spoken are the tables in which a row is kept of each thing that people said, that of what
// they were told for ninety days.
var spoken = map[string]bool{
	"posts": true, "post_versions": true, "post_mentions": true, "post_marks": true, "post_themes": true, "poll_votes": true, "post_tags": true, "boosts": true, "quotes": true, "quotations": true, "likes": true, "tombstones": true,
	"activities": true, "received": true, "notices": true, "happenings": true,
}

// grown is how much a server keeps.
type grown struct {
	rows        map[string]int64
	keys        int64 // in Redis
	files       int
	bodies      int64 // of what came more than a month ago
	oldVersions int64 // beyond those that a post keeps
}

func (s *soak) measure() (all []grown) {
	s.t.Helper()
	for _, c := range s.servers {
		g := grown{rows: map[string]int64{}}
		for _, table := range column[string](s.t, c, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`) {
			g.rows[table] = number(s.t, c, `SELECT count(*) FROM `+table)
		}
		g.bodies = number(s.t, c, `SELECT count(*) FROM received WHERE body IS NOT NULL AND arrived < $1`, s.clock.Now().Add(-31*soakDay))
		g.oldVersions = number(s.t, c, `SELECT count(*) FROM (SELECT FROM post_versions GROUP BY post HAVING count(*) > 50) AS many`)
		g.keys = keysIn(s.t, c.redis)
		if err := filepath.WalkDir(c.Config.Data, func(_ string, d fs.DirEntry, err error) error {
			g.files++
			return err
		}); err != nil {
			s.t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}

// complain says what has grown since, and should not have.
func (g grown) complain(t *testing.T, server string, before grown, s *soak) {
	t.Helper()
	const each = 2                                 // rows of a thing said: itself, and what the community tells of it
	said, slack := int64(s.said), int64(10*s.each) // of what is kept for a while
	for table, n := range g.rows {
		was := before.rows[table]
		switch {
		case spoken[table] && n > each*said+slack: // one who was away has little at half time
			t.Errorf("%s: %s has %d rows of %d things said", server, table, n, said)
		case !spoken[table] && n > was+slack:
			t.Errorf("%s: %s had %d rows, and has %d", server, table, was, n)
		}
	}
	if g.keys > before.keys+slack {
		t.Errorf("%s: Redis had %d keys, and has %d", server, before.keys, g.keys)
	}
	if g.files > before.files {
		t.Errorf("%s: there were %d files, and are %d", server, before.files, g.files)
	}
	if g.bodies > 0 {
		t.Errorf("%s: %d bodies are older than a month", server, g.bodies)
	}
	if g.oldVersions > 0 {
		t.Errorf("%s: %d posts keep too many versions", server, g.oldVersions)
	}
}

func keysIn(t *testing.T, address string) int64 {
	t.Helper()
	option, err := asynq.ParseRedisURI(address)
	if err != nil {
		t.Fatal(err)
	}
	client := option.MakeRedisClient().(redis.UniversalClient)
	defer client.Close()
	n, err := client.DBSize(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func column[T any](t *testing.T, c *soaked, sql string, args ...any) []T {
	t.Helper()
	rows, _ := c.DB.Query(t.Context(), sql, args...) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

func number(t *testing.T, c *soaked, sql string, args ...any) int64 {
	t.Helper()
	return column[int64](t, c, sql, args...)[0]
}
