package e2e

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCrashAtEachStep kills the server just before, then just after, each thing that
// it says to PostgreSQL while it takes, applies and announces an activity; and the
// command line likewise while it publishes a post. Whatever the step, each is there
// once or not at all, with all that follows from it.
//
// CHAOS_FOR set: also while it only waits, which is where most steps are.
func TestCrashAtEachStep(t *testing.T) {
	t.Parallel()
	c := newCrashes(t)
	for _, dies := range []verdict{isLost, isLast} {
		for n := 1; c.receives(n, dies) && n < c.last; n++ {
		}
		for n := 1; c.publishes(n, dies); n++ {
		}
	}
	t.Logf("%d crashes", c.times)
	c.endLeases()
	c.workedOff(c.db)
	t.Run("what was taken was applied once", c.checkTaken)
	t.Run("what a command published is whole", c.checkPublished)
	t.Run("all that was announced came", c.checkAnnounced)
}

// crashes is a server that dies again and again, a command line that does, and a
// stranger who writes and reads.
type crashes struct {
	*siege
	pen   *town // home, as the command line reaches it
	ink   *wire // by which the command line reaches PostgreSQL
	last  int   // step of serve: what it says later is about nothing
	times int
	taken []string        // Creates that were answered 202
	texts map[string]bool // posts of ours; true: the command succeeded
}

func newCrashes(t *testing.T) *crashes {
	t.Helper()
	g := newGround(t)
	c := &crashes{siege: &siege{t: t, ground: g, ctx: t.Context()}, last: 25, texts: map[string]bool{}}
	if os.Getenv("CHAOS_FOR") != "" {
		c.last = 200
	}
	address := g.database("home")
	c.home, c.wires = wiredTown(t, address, g.redis.RedisURL+"?db=0", "PASSERELLES_DATABASE_CONNS=12")
	c.home.start()
	c.db = c.open(address)
	ink, through := wirePostgres(t, shortFolder(t), address)
	pen := *c.home
	pen.env = append(slices.Clone(c.home.env), "DATABASE_URL="+through)
	c.pen, c.ink = &pen, ink
	c.home.member("ana")
	c.home.community("makers", "ana")
	c.group = c.home.do("community", "show", "makers").text("id")
	c.befriends()
	return c
}

// befriends lets a stranger follow the community.
func (c *crashes) befriends() {
	c.t.Helper()
	c.reader = newStranger(c.t)
	c.reader.knows(c.group)
	reads := c.reader.actor("cleo")
	follow := answer{"id": reads + "/follow", "type": "Follow", "object": c.group}
	if err := c.reader.says(c.ctx, c.home.origin+"/inbox", reads, follow); err != nil {
		c.t.Fatal(err)
	}
	await(c.t, "the stranger follows", func() bool { return len(c.reader.received()) > 0 })
}

// strikeAt makes the n-th thing that is said on a wire from now on the last that its
// speaker says.
func strikeAt(w *wire, n int, dies verdict, speaker *os.Process) (struck chan struct{}) {
	struck = make(chan struct{})
	w.judge(func([]byte) verdict {
		if n--; n != 0 {
			return goesOn
		}
		_ = speaker.Kill() // it may have ended by itself
		close(struck)
		return dies
	})
	return struck
}

// receives kills serve at the n-th step of a Create, and has it said again as long as
// it was not taken; false: there are fewer steps.
func (c *crashes) receives(n int, dies verdict) bool {
	c.t.Helper()
	who, inbox := c.reader.actor("cleo"), c.home.origin+"/inbox"
	note := fmt.Sprintf("%s/notes/%d-%d", who, n, dies)
	c.taken = append(c.taken, note+"/create")
	said := answer{"id": note + "/create", "type": "Create", "to": []string{public}, "cc": []string{c.group},
		"object": answer{"id": note, "type": "Note", "attributedTo": who, "to": []string{public}, "cc": []string{c.group},
			"audience": c.group, "content": "<p>Salut.</p>", "published": noon.Format(time.RFC3339)}}
	struck := strikeAt(c.wires.postgres, n, dies, c.home.served.cmd.Process)
	status, _, _ := c.reader.post(c.ctx, inbox, who, c.reader.body(who, said)) // no answer: nobody knows
	died := false
	await(c.t, note+" is announced or the server dies", func() bool {
		select {
		case <-struck:
			died = true
		default:
		}
		return died || c.done(note+"/create")
	})
	c.wires.postgres.judge(nil)
	if died {
		c.times++
		c.home.served.stop(syscall.SIGKILL)
		c.endLeases()
		c.tell(`UPDATE inbox_queue SET deaths = 0`) // whose lease lasts a minute is not struck so often
		c.home.start()
	}
	if status != http.StatusAccepted {
		if err := c.reader.says(c.ctx, inbox, who, said); err != nil {
			c.t.Fatal(err)
		}
	}
	return died
}

// done says whether all that follows from an activity has been done.
func (c *crashes) done(iri string) bool {
	c.t.Helper()
	ended := c.count(c.t, c.db, `SELECT count(*) FROM received WHERE iri = $1 AND outcome <> ''`, iri)
	return ended > 0 && c.backlog(c.db) == backlog{}
}

// publishes kills a command at the n-th step; false: it has fewer.
func (c *crashes) publishes(n int, dies verdict) bool {
	c.t.Helper()
	text := fmt.Sprintf("Billet %d-%d.", n, dies)
	cmd := c.pen.command(c.ctx, "post", "new", "--as", "ana", "--community", "makers", "--text", text)
	armed := make(chan struct{})
	var struck chan struct{}
	c.ink.judge(func([]byte) verdict { <-armed; return goesOn })
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	struck = strikeAt(c.ink, n, dies, cmd.Process)
	close(armed)
	err := cmd.Wait()
	c.ink.judge(nil)
	c.texts[text] = err == nil
	select {
	case <-struck:
		c.times++
		return true
	default:
		if err != nil {
			c.t.Fatalf("post new: %v", err)
		}
		return false
	}
}

// checkTaken: each Create is there once, applied, with its post.
func (c *crashes) checkTaken(t *testing.T) {
	for _, iri := range c.taken {
		if n := c.count(t, c.db, `SELECT count(*) FROM received WHERE iri = $1 AND outcome = 'applied'`, iri); n != 1 {
			t.Errorf("%s was applied %d times", iri, n)
		}
		if n := c.count(t, c.db, `SELECT count(*) FROM posts WHERE iri = $1`, strings.TrimSuffix(iri, "/create")); n != 1 {
			t.Errorf("the post of %s is there %d times", iri, n)
		}
	}
	if n := c.count(t, c.db, `SELECT count(*) FROM posts WHERE NOT local`); n != len(c.taken) {
		t.Errorf("%d posts came of %d activities", n, len(c.taken))
	}
}

// checkPublished: a command that succeeded left its post, one that died at most one,
// and no post is without what tells others of it.
func (c *crashes) checkPublished(t *testing.T) {
	for text, succeeded := range c.texts {
		n := c.count(t, c.db, `SELECT count(*) FROM posts WHERE local AND content LIKE '%' || $1 || '%'`, text)
		if n > 1 || n == 0 && succeeded {
			t.Errorf("%q is there %d times, success %v", text, n, succeeded)
		}
	}
	for _, p := range rows[tie](t, c.db, `SELECT iri, content FROM posts WHERE local`) {
		if n := c.count(t, c.db, `SELECT count(*) FROM activities WHERE object = $1 AND type = 'Create'`, p.Who); n != 1 {
			t.Errorf("%s was told in %d Creates", p.What, n)
		}
	}
	if n := c.count(t, c.db, `SELECT count(*) FROM activities a WHERE type = 'Create' AND NOT EXISTS (SELECT FROM posts p WHERE p.iri = a.object)`); n > 0 {
		t.Errorf("%d Creates tell of a post that is not there", n)
	}
}

// checkAnnounced: the stranger got each thing that the community said.
func (c *crashes) checkAnnounced(t *testing.T) {
	got, announced := c.reader.got(), 0
	for _, a := range rows[tie](t, c.db, `
		SELECT a.iri, a.object
		FROM activities a
		JOIN actors g ON g.id = a.actor
		WHERE g.iri = $1`, c.group) {
		announced++
		if got[a.Who] == 0 {
			t.Errorf("%s, about %s, never came", a.Who, a.What)
		}
	}
	if announced < len(c.taken) {
		t.Errorf("%d activities were taken and %d announced", len(c.taken), announced)
	}
	complain(t, c.reader.wrong)
}
