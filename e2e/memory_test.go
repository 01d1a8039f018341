package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"syscall"
	"testing"
	"time"
)

// TestPictureThatKills has people look at a picture that takes more memory to decode
// than there is. The kernel kills serve three times at most: then the picture counts as
// one that cannot be shown. What else there is to see is seen after each death.
func TestPictureThatKills(t *testing.T) {
	t.Parallel()
	s := newTown(t)
	s.member("ana")
	s.community("makers", "ana")
	a := newAlbum(t, s, "makers")
	harmless, deadly := a.shows(small(t, 200)), a.shows(huge(t, 5000, 5000))
	c := newCell(t, 100<<20)
	deaths := 0
	for look := range 8 {
		c.holds(s.served)
		if status, _ := s.get(deadly); status != 0 {
			if status != http.StatusNotFound {
				t.Errorf("after %d deaths it is answered by %d, want 404", deaths, status)
			}
			if look > deaths { // and once more
				break
			}
			continue
		}
		<-s.served.done
		deaths++
		s.start()
		for _, path := range []string{harmless, "/c/makers"} {
			if status := s.status(path); status != http.StatusOK {
				t.Errorf("%s after a death: %d", path, status)
			}
		}
	}
	if deaths < 1 || deaths > 3 {
		t.Errorf("the picture killed serve %d times, want one to three", deaths)
	}
	a.shows(small(t, 100)) // what comes is taken and shown
}

// TestWorkThatKills has serve killed each time it comes to one activity of many. That one
// is dead after five deaths, the others are applied once and announced.
func TestWorkThatKills(t *testing.T) {
	t.Parallel()
	c := newCrashes(t)
	who := c.reader.actor("cleo")
	const all = 20
	poison := who + "/notes/poison"
	goOn := c.wires.redis.hang() // what comes is taken, and waits
	defer goOn()
	for n := range all {
		note := fmt.Sprintf("%s/notes/%d", who, n)
		if n == 7 {
			note = poison
		} else {
			c.taken = append(c.taken, note+"/create")
		}
		must(t, c.reader.says(c.ctx, c.home.origin+"/inbox", who, answer{
			"id": note + "/create", "type": "Create", "to": []string{public}, "cc": []string{c.group},
			"object": answer{"id": note, "type": "Note", "attributedTo": who, "to": []string{public}, "cc": []string{c.group},
				"audience": c.group, "content": "<p>Salut.</p>", "published": noon.Format(time.RFC3339)}}))
	}
	if waits := c.backlog(c.db).ToApply; waits < all/2 {
		t.Fatalf("%d wait without Redis, want nearly all of %d", waits, all)
	}
	deaths := 0
	dead := func() bool {
		return c.count(t, c.db, `SELECT count(*) FROM received WHERE iri = $1 AND outcome = 'dead'`, poison+"/create") > 0
	}
	for !dead() && deaths < 8 {
		speaker := c.home.served
		c.wires.postgres.judge(func(piece []byte) verdict {
			if !bytes.Contains(piece, []byte(poison)) {
				return goesOn
			}
			_ = speaker.cmd.Process.Kill() // it may have ended by itself
			return isLost
		})
		goOn()
		await(t, "serve dies, or the poison is given up", func() bool {
			select {
			case <-speaker.done:
				return true
			default:
				return dead()
			}
		})
		c.wires.postgres.judge(nil)
		if dead() {
			break
		}
		deaths++
		speaker.stop(syscall.SIGKILL)
		c.endLeases()
		c.home.start()
	}
	if !dead() || deaths > 5 {
		t.Errorf("it is given up: %t, after %d deaths, want 5 at most", dead(), deaths)
	}
	c.workedOff(c.db)
	t.Run("what was harmless was applied once", c.checkTaken)
	t.Run("all that was announced came", c.checkAnnounced)
}
