package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"passerelles/storage"
)

// TestApart has two servers of ours in networks of their own, which follow each other's
// community. The cable between them is pulled; then what one says vanishes while it hears
// the other; then all vanishes while connections are open; in an order thrown by dice.
// Meanwhile people write on both sides. When all is well again each holds the same, each
// thread came in its order, and nothing was lost, done twice or given up.
//
// CHAOS_FOR and CHAOS_SEED are as for TestNothingLostNothingTwice.
func TestApart(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.round("together")
	long, _ := time.ParseDuration(os.Getenv("CHAOS_FOR")) // none: once through
	until := time.Now().Add(long)
	for again := true; again; again = time.Now().Before(until) {
		cuts := []func(){p.unplugged, p.oneWay, p.silent}
		p.dice.Shuffle(len(cuts), func(i, j int) { cuts[i], cuts[j] = cuts[j], cuts[i] })
		for _, cut := range cuts {
			cut()
			p.round("again")
		}
	}
	for i, s := range p.sides {
		p.sameAs(s, p.sides[1-i])
		p.inOrder(s, p.sides[1-i])
	}
}

// pair is two servers of ours and the road between them.
type pair struct {
	t     *testing.T
	dice  *rand.Rand
	road  *road
	sides [2]*side
}

// side is one of them, its community and its member, who reads and answers the other's.
type side struct {
	*town
	db     *storage.DB
	member string
	group  string // IRI of its community
	name   string
	last   string // post of its own
	seen   string // post of the other side that this one has
	said   int
}

func newPair(t *testing.T) *pair {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("CHAOS_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("CHAOS_SEED=%d", seed)
	p := &pair{t: t, dice: rand.New(rand.NewPCG(seed, 1)), road: newRoad(t)}
	ground := newGround(t)
	for i, who := range []struct{ member, community string }{{"ana", "makers"}, {"bob", "gardens"}} {
		url := ground.database(who.community)
		s := &side{town: p.road.settle(i, url, ground.redis.RedisURL+"?db="+strconv.Itoa(i)), member: who.member, name: who.community}
		s.start()
		db, err := storage.Open(t.Context(), url, 2)
		must(t, err)
		t.Cleanup(db.Close)
		s.db = db
		s.do("account", "create", s.member, "--email", s.member+"@example.org", "<", "correct horse battery "+s.member)
		s.community(s.name, s.member)
		s.group = s.do("community", "show", s.name).text("id")
		p.sides[i] = s
	}
	for i, s := range p.sides {
		s.follows(s.member, p.sides[1-i].group)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, s := range p.sides {
				t.Logf("%s waits for:\n%s", s.host, waitsFor(s.db))
			}
		}
	})
	return p
}

// writes lets the member begin a thread, change it, answer in it, and answer what came
// from the other side.
func (s *side) writes() {
	s.t.Helper()
	s.said++
	text := fmt.Sprintf("%s says %d", s.member, s.said)
	s.last = s.do("post", "new", "--as", s.member, "--community", s.name, "--title", "Fil", "--text", text).text("id")
	s.do("post", "reply", s.last, "--as", s.member, "--text", text+", first.")
	s.do("post", "edit", s.last, "--as", s.member, "--text", text+", better.")
	reply := s.do("post", "reply", s.last, "--as", s.member, "--text", text+", second.").text("id")
	s.do("post", "delete", reply, "--as", s.member)
	if s.seen != "" {
		s.do("post", "reply", s.seen, "--as", s.member, "--text", text+", to you.")
	}
}

// round lets both write while all is well, and waits until both have it.
func (p *pair) round(when string) {
	p.t.Helper()
	for _, s := range p.sides {
		s.writes()
	}
	p.workedOff()
	for i, s := range p.sides {
		s.seen = p.sides[1-i].last
		s.sees(s.seen, func(answer) bool { return true })
		if n := count(p.t, s.db, `SELECT count(*) FROM dead_letters`); n > 0 {
			p.t.Fatalf("%s: %d deliveries of %s were given up", when, n, s.host)
		}
	}
}

// workedOff waits until nothing is left to do, by itself but for the time that hosts
// rest, which the databases are told has passed.
func (p *pair) workedOff() {
	p.t.Helper()
	left := func() (all backlog) {
		for _, s := range p.sides {
			b := backlogOf(p.t, s.db)
			all.ToApply, all.ToDeliver, all.Jobs = all.ToApply+b.ToApply, all.ToDeliver+b.ToDeliver, all.Jobs+b.Jobs
		}
		return all
	}
	for still := left(); still != (backlog{}); {
		p.wakeAll()
		before := still
		awaitFor(p.t, recovery, fmt.Sprintf("less waits than %+v", before), func() bool {
			still = left()
			return still.weight() < before.weight()
		})
	}
}

// wakeAll ends all rest, as time would.
func (p *pair) wakeAll() {
	p.t.Helper()
	for _, s := range p.sides {
		for _, sql := range []string{
			`UPDATE host_states SET resting_until = NULL WHERE resting_until IS NOT NULL`,
			`UPDATE deliveries SET not_before = NULL WHERE not_before IS NOT NULL`,
			`UPDATE jobs SET due_at = '-infinity' WHERE lease_until IS NULL AND dead_at IS NULL AND attempts > 0`,
			`UPDATE inbox_queue SET due_at = '-infinity' WHERE lease_until IS NULL AND attempts > 0`,
		} {
			_, err := s.db.Exec(p.t.Context(), sql)
			must(p.t, err)
		}
	}
}

// fails waits until a side has noticed that it does not reach the other.
func (p *pair) fails(s *side) {
	p.t.Helper()
	await(p.t, s.host+" fails to reach the other", func() bool {
		return count(p.t, s.db, `SELECT count(*) FROM host_states WHERE failures > 0`) > 0
	})
}

func (p *pair) unplugged() {
	p.t.Helper()
	start := time.Now()
	p.road.unplug()
	p.apart()
	p.road.open()
	p.t.Logf("unplugged for %v", time.Since(start).Round(time.Second))
}

// silent lets all that one end says vanish, and so whatever the other waits for: no
// connection is closed, none is refused. It lasts until new ones are tried in vain too.
func (p *pair) silent() {
	p.t.Helper()
	start := time.Now()
	i := p.dice.IntN(2)
	other := p.road.ends[1-i]
	found := p.road.lose(i, other.called, other.from)
	p.apart()
	for _, s := range p.sides {
		awaitFor(p.t, recovery, s.host+" dials in vain", func() bool {
			p.wakeAll()
			return count(p.t, s.db, `SELECT count(*) FROM host_states WHERE error LIKE '%: dial: %'`) > 0
		})
	}
	found()
	p.t.Logf("silent for %v", time.Since(start).Round(time.Second))
}

// apart has both sides write while neither hears the other.
func (p *pair) apart() {
	p.t.Helper()
	for _, s := range p.sides {
		s.writes()
	}
	for _, s := range p.sides {
		p.fails(s)
	}
}

// oneWay lets one side hear the other and reach it no more: that it hears it does not
// make it forget how often it failed.
func (p *pair) oneWay() {
	p.t.Helper()
	start := time.Now()
	i := p.dice.IntN(2)
	mute, heard := p.sides[i], p.sides[1-i]
	found := p.road.lose(i, p.road.ends[1-i].called)
	mute.writes()
	p.fails(mute)
	tried := failures(p.t, mute.db)
	const words = 4
	for range words {
		post := heard.do("post", "new", "--as", heard.member, "--community", heard.name, "--title", "Fil", "--text", "Still here.").text("id")
		mute.sees(post, func(answer) bool { return true })
	}
	if n := failures(p.t, mute.db); n < tried || n > tried+2 {
		p.t.Errorf("who is not reached had failed %d times, and %d times after it spoke %d times", tried, n, words)
	}
	if n := count(p.t, mute.db, `SELECT count(*) FROM deliveries`); n == 0 {
		p.t.Error("nothing waits for who is not reached")
	}
	found()
	p.t.Logf("one way for %v", time.Since(start).Round(time.Second))
}

func failures(t *testing.T, db *storage.DB) int {
	t.Helper()
	return count(t, db, `SELECT coalesce(max(failures), 0) FROM host_states`)
}

// sameAs sees that a community reads the same on both sides. What was deleted before it
// left need not be known there.
func (p *pair) sameAs(home, away *side) {
	p.t.Helper()
	const all = `
		SELECT p.iri, p.content, p.parent_iri, p.deleted_at IS NOT NULL, 0
		FROM posts p
		JOIN actors g ON g.id = p.community
		WHERE g.iri = $1`
	there := map[string]shared{}
	for _, post := range rows[shared](p.t, away.db, all, home.group) {
		there[post.IRI] = post
	}
	var wrong []string
	here := rows[shared](p.t, home.db, all, home.group)
	for _, post := range here {
		got, found := there[post.IRI]
		delete(there, post.IRI)
		if got != post && (found || !post.Deleted) {
			wrong = append(wrong, fmt.Sprintf("there %+v, at home %+v", got, post))
		}
	}
	for iri := range there {
		wrong = append(wrong, "only there: "+iri)
	}
	p.t.Logf("%d posts in %s", len(here), home.name)
	for _, r := range rows[receipt](p.t, away.db, `SELECT iri, type, outcome, reason FROM received WHERE outcome <> 'applied'`) {
		wrong = append(wrong, fmt.Sprintf("%+v", r))
	}
	complain(p.t, wrong)
}

// inOrder sees that all that a community said came, each thread in its order.
func (p *pair) inOrder(home, away *side) {
	p.t.Helper()
	said := rows[announced](p.t, home.db, `
		SELECT a.iri, coalesce(p.root, 0)
		FROM activities a
		JOIN actors g ON g.id = a.actor
		LEFT JOIN posts p ON p.iri = a.object
		WHERE g.iri = $1 AND a.body <> ''
		ORDER BY a.id`, home.group)
	place := map[string]int{} // of the first arrival: what got no answer came again
	for i, r := range rows[struct{ IRI string }](p.t, away.db, `SELECT iri FROM received GROUP BY iri ORDER BY min(id)`) {
		place[r.IRI] = i + 1
	}
	last := map[int64]int{}
	came := 0
	for _, a := range said {
		at := place[a.IRI]
		if at == 0 {
			continue // in another form, for another kind of server
		}
		came++
		if a.Root != 0 && at < last[a.Root] {
			p.t.Errorf("%s came before what was said before it", a.IRI)
		}
		last[a.Root] = at
	}
	p.t.Logf("%d of %d activities of %s came", came, len(said), home.name)
	if came < len(said)/2 {
		p.t.Errorf("%d of %d activities of %s came", came, len(said), home.name)
	}
}
