package e2e

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/storage"
)

// recovery is how long nothing at all may go on after the last blow: a lease of
// whoever was killed lasts a minute.
const recovery = 2 * time.Minute

// TestNothingLostNothingTwice kills what can be killed while others write to a
// community of ours and a member of ours writes in it. Then each activity that
// was answered 202 has had its effect once, and each post of ours is once on a
// server of ours that follows, and came to a stranger who follows.
//
// CHAOS_FOR=10m lets it go on for longer; CHAOS_SEED=… throws the same dice again.
func TestNothingLostNothingTwice(t *testing.T) {
	t.Parallel()
	s := newSiege(t, newGround(t))
	t.Run("two processes share the work", s.sharesWork)
	for blow := range s.blows() {
		s.strike(blow)
		if t.Failed() {
			return
		}
	}
	s.settle()
	s.check(t)
}

// check asks whether all that was promised was kept.
func (s *siege) check(t *testing.T) {
	t.Run("what was taken was done once", s.checkTaken)
	t.Run("what others wrote stands as they left it", s.checkNotes)
	t.Run("likes and follows stand as they were left", s.checkTies)
	t.Run("what ours wrote stands as they left it, there too", s.checkLocals)
	t.Run("who follows got everything, in order", s.checkReader)
	t.Run("both servers hold the same", s.checkSame)
}

// siege is a server of ours of two processes, another that follows, strangers
// who write and one who reads, and the ground under them.
type siege struct {
	t      *testing.T
	dice   *rand.Rand
	ground *ground
	home   *town
	work   *town
	worker *process
	away   *town
	wires  *wires // of home
	road   *wires // of away
	crowd  *crowd
	reader *stranger
	locals *locals

	ctx   context.Context
	wrote chan error // ends of who writes
	db    *storage.DB
	there *storage.DB
	group string // IRI of the community
	bob   string // who follows on the other server
	since int64  // the last activity before the stranger followed
}

func newSiege(t *testing.T, ground *ground) *siege {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("CHAOS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("CHAOS_SEED=%d", seed)
	s := &siege{t: t, dice: rand.New(rand.NewPCG(seed, 0)), ground: ground, wrote: make(chan error, 2)}
	s.settleTowns()
	s.people(seed)
	return s
}

// settleTowns starts the servers: home is two processes, with figures of their own.
func (s *siege) settleTowns() {
	s.t.Helper()
	home, away := s.ground.database("home"), s.ground.database("away")
	motor := s.ground.redis.RedisURL
	few := "PASSERELLES_DATABASE_CONNS=12"
	s.home, s.wires = wiredTown(s.t, home, motor+"?db=0", few, "PASSERELLES_METRICS_LISTEN=localhost:"+freePort(s.t))
	s.away, s.road = wiredTown(s.t, away, motor+"?db=1", few)
	work := *s.home
	work.env = append(append([]string(nil), s.home.env...), "PASSERELLES_METRICS_LISTEN=localhost:"+freePort(s.t))
	s.work = &work
	s.home.start()
	s.startWork()
	s.away.start()
	s.db, s.there = s.open(home), s.open(away)
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Logf("home waits for:\n%s\naway waits for:\n%s", waitsFor(s.db), waitsFor(s.there))
		}
	})
}

// waitsFor tells what holds up the work of a server.
func waitsFor(db *storage.DB) string {
	ctx := context.Background()
	rows, _ := db.Query(ctx, `
		SELECT s::text FROM host_states AS s
		UNION ALL SELECT l::text FROM lanes AS l
		UNION ALL (SELECT q::text FROM inbox_queue AS q ORDER BY received LIMIT 5)
		UNION ALL (SELECT j::text FROM jobs AS j ORDER BY id LIMIT 5)`) // CollectRows returns Query's error
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err.Error()
	}
	return strings.Join(lines, "\n")
}

func (s *siege) open(url string) *storage.DB {
	s.t.Helper()
	db, err := storage.Open(s.t.Context(), url, 2)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(db.Close)
	return db
}

// people settles who writes and who reads, and lets them begin.
func (s *siege) people(seed uint64) {
	s.t.Helper()
	s.home.member("ana")
	s.bob = s.away.do("account", "create", "bob", "--email", "bob@localhost.example", "<", "correct horse battery bob").text("id")
	makers := s.home.community("makers", "ana")
	s.away.follows("bob", makers)
	news := s.home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Atelier", "--text", "Samedi.").text("id")
	s.group = s.home.do("community", "show", "makers").text("id")

	inbox := s.home.origin + "/inbox"
	s.crowd = newCrowd(s.t, seed, 8, inbox, s.group)
	s.crowd.notes[news] = &note{iri: news}
	s.crowd.knows(s.group)
	s.reader = newStranger(s.t)
	s.reader.forgetful = 40
	s.reader.knows(s.group)
	reads := s.reader.actor("cleo")
	if err := s.reader.says(s.t.Context(), inbox, reads, answer{"id": reads + "/follow", "type": "Follow", "object": s.group}); err != nil {
		s.t.Fatal(err)
	}
	await(s.t, "the stranger follows", func() bool { return len(s.reader.received()) > 0 })
	if err := s.db.QueryRow(s.t.Context(), `SELECT max(id) FROM activities`).Scan(&s.since); err != nil {
		s.t.Fatal(err)
	}

	s.locals = &locals{home: s.home, community: "makers", tokens: make(chan struct{}, 10_000)}
	ctx, cancel := context.WithCancel(s.t.Context())
	s.ctx = ctx
	s.t.Cleanup(cancel)
	go func() { s.wrote <- s.crowd.write(ctx) }()
	go func() {
		s.locals.write()
		s.wrote <- nil
	}()
}

// sharesWork sees that each process has applied and delivered something.
func (s *siege) sharesWork(t *testing.T) {
	for _, p := range []*town{s.home, s.work} {
		for _, what := range []string{`received_total{outcome="applied"`, `deliveries_total{outcome="delivered"`} {
			await(t, "each process has done some of "+what, func() bool {
				if len(s.crowd.tokens) == 0 {
					s.crowd.release(10)
				}
				return p.figure(what) > 0
			})
		}
	}
}

// figure sums a counter of a process, -1 if it does not answer.
func (s *town) figure(what string) (sum float64) {
	address := ""
	for _, line := range s.env {
		if value, is := strings.CutPrefix(line, "PASSERELLES_METRICS_LISTEN="); is {
			address = value // the last counts
		}
	}
	response, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return -1
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "passerelles_"+what) {
			n, _ := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndex(line, " "):]), 64)
			sum += n
		}
	}
	return sum
}

// blow is something that happens to a server at the worst moment.
type blow struct {
	name string
	fall func()
}

// blows are all there are, in an order thrown by dice; again and again if asked. Those
// that leave leases behind come first: a minute is long.
func (s *siege) blows() iter.Seq[blow] {
	hard := []blow{
		{"serve is killed", s.killServe}, {"serve is killed", s.killServe}, {"work is killed", s.killWork},
		{"both are killed", func() { s.killWork(); s.killServe() }},
		{"PostgreSQL crashes", s.ground.crashPostgres}, {"PostgreSQL is away", s.postgresAway},
	}
	soft := []blow{
		{"serve is stopped", s.stopServe}, {"work is stopped", s.stopWork},
		{"Redis is emptied", s.ground.flushRedis}, {"Redis is killed", s.killRedis}, {"Redis is away", s.redisAway},
		{"bells are spoiled", s.bellsSpoiled},
		{"Redis hangs", s.redisHangs}, {"Redis is slow", s.redisSlow},
		{"PostgreSQL hangs", s.postgresHangs}, {"commits get no answer", s.commitsUnanswered},
		{"tables are locked", s.tablesLocked}, {"work is frozen past its leases", s.workFrozen},
		{"the follower is cut off", s.followerCutOff}, {"connections break", s.connectionsBreak},
		{"files run out", s.filesRunOut}, {"clocks disagree", s.clocksDisagree},
		{"Redis is full", s.redisFull}, {"PostgreSQL has too many clients", s.clientsTooMany},
		{"serve gets little of the processor", s.pulses}, {"the servers are apart", s.partition},
		{"junk comes", s.junkComes}, {"a herd is at the door when serve starts", s.herd},
	}
	long, _ := time.ParseDuration(os.Getenv("CHAOS_FOR")) // none: once through
	until := time.Now().Add(long)
	return func(yield func(blow) bool) {
		for again := true; again; again = time.Now().Before(until) {
			for _, all := range [][]blow{hard, soft} {
				s.dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				for _, b := range all {
					if !yield(b) {
						return
					}
				}
			}
		}
	}
}

// strike lets a blow fall while work is under way.
func (s *siege) strike(b blow) {
	s.t.Helper()
	before := s.crowd.taken()
	s.crowd.release(25)
	s.locals.tokens <- struct{}{}
	s.locals.tokens <- struct{}{}
	enough := before + s.dice.IntN(20)
	await(s.t, "work is under way", func() bool { return s.crowd.taken() >= enough })
	taken, start := s.crowd.taken(), time.Now()
	b.fall()
	s.t.Logf("%d taken: %s; well after %v", taken, b.name, time.Since(start).Round(100*time.Millisecond))
}

func (s *siege) killServe() {
	s.home.served.stop(syscall.SIGKILL)
	s.home.start()
}

func (s *siege) killWork() {
	s.worker.stop(syscall.SIGKILL)
	s.startWork()
}

// startWork waits until it shows its figures.
func (s *siege) startWork() {
	s.t.Helper()
	s.worker = s.work.run("work")
	await(s.t, "work works", func() bool { return s.work.figure("received_total") >= 0 })
}

func (s *siege) stopServe() {
	s.endsWell("serve", s.home.served)
	s.home.start()
}

func (s *siege) stopWork() {
	s.endsWell("work", s.worker)
	s.startWork()
}

// endsWell sees that a process drains and says that all is well.
func (s *siege) endsWell(name string, p *process) {
	s.t.Helper()
	p.stop(syscall.SIGTERM)
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("%s ended with %d after SIGTERM, want 0: %s", name, code, p.log)
	}
}

func (s *siege) killRedis() {
	s.ground.killRedis()
	s.ground.startRedis()
}

// redisAway: what comes is taken all the same, and waits.
func (s *siege) redisAway() {
	s.t.Helper()
	s.ground.stopRedis()
	before := s.crowd.taken()
	s.crowd.release(10)
	await(s.t, "10 are answered 202 without Redis", func() bool { return s.crowd.taken() >= before+10 })
	if status := s.home.status("/readyz"); status != http.StatusOK {
		s.t.Errorf("readyz without Redis: %d", status)
	}
	s.ground.startRedis()
}

// postgresAway: nothing is taken, and the sender is told when to come again.
func (s *siege) postgresAway() {
	s.t.Helper()
	s.ground.stopPostgres()
	iri := s.crowd.actor("w0")
	body := s.crowd.body(iri, answer{"id": iri + "/vain", "type": "Like", "object": s.group})
	await(s.t, "an inbox without a database answers", func() bool {
		status, after, err := s.crowd.post(s.ctx, s.crowd.inbox, iri, body)
		if err != nil {
			return false
		}
		if seconds, err := strconv.Atoi(after); status != http.StatusServiceUnavailable || err != nil || seconds < 1 {
			s.t.Errorf("an inbox without a database answers %d, Retry-After %q", status, after)
		}
		return true
	})
	if status := s.home.status("/readyz"); status != http.StatusServiceUnavailable {
		s.t.Errorf("readyz without a database: %d", status)
	}
	s.ground.startPostgres()
}

// settle lets everybody end, and waits until all work is done, by itself.
func (s *siege) settle() {
	s.t.Helper()
	close(s.crowd.tokens)
	close(s.locals.tokens)
	patient, cancel := context.WithTimeout(s.t.Context(), recovery)
	defer cancel()
	for range 2 {
		select {
		case err := <-s.wrote:
			if err != nil {
				s.t.Fatal(err)
			}
		case <-patient.Done():
			s.t.Fatalf("%d activities are not taken", len(s.crowd.tokens))
		}
	}
	start := time.Now()
	for _, db := range []*storage.DB{s.db, s.there, s.db} {
		s.workedOff(db)
	}
	s.t.Logf("all was done %v after the last was taken", time.Since(start).Round(time.Second))
}

// workedOff waits until a server has done all its work. How long that takes depends on
// the machine, but not that it goes on.
func (s *siege) workedOff(db *storage.DB) {
	s.t.Helper()
	left := s.backlog(db)
	s.t.Logf("%+v is left", left)
	for left != (backlog{}) {
		before := left
		// A host that was struck often rests for up to six hours.
		_, err := db.Exec(s.t.Context(), `UPDATE host_states SET resting_until = NULL WHERE resting_until IS NOT NULL`)
		must(s.t, err)
		awaitFor(s.t, recovery, fmt.Sprintf("less waits than %+v", before), func() bool {
			left = s.backlog(db)
			return left.weight() < before.weight()
		})
	}
}

// backlog is what a server has not done yet.
type backlog struct{ ToApply, ToDeliver, Jobs int }

// weight falls with all that is done: what is applied leaves some deliveries behind.
func (b backlog) weight() int { return 100*b.ToApply + b.ToDeliver + b.Jobs }

func (s *siege) backlog(db *storage.DB) backlog {
	s.t.Helper()
	return backlogOf(s.t, db)
}

func backlogOf(t *testing.T, db *storage.DB) (b backlog) {
	t.Helper()
	err := db.QueryRow(t.Context(), `
		SELECT (SELECT count(*) FROM inbox_queue), (SELECT count(*) FROM deliveries),
		       (SELECT count(*) FROM jobs WHERE dead_at IS NULL)`).Scan(&b.ToApply, &b.ToDeliver, &b.Jobs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openDB(t *testing.T, s *town) *storage.DB {
	t.Helper()
	for _, v := range slices.Backward(s.env) { // the last one counts
		if url, found := strings.CutPrefix(v, "DATABASE_URL="); found {
			db, err := storage.Open(t.Context(), url, 2)
			must(t, err)
			t.Cleanup(db.Close)
			return db
		}
	}
	t.Fatal("the server has no database of its own")
	return nil
}
