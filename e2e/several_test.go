package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"passerelles/storage/storagetest"
)

// TestSeveralProcesses has two serve and two work share one PostgreSQL and one
// motor: each activity is applied once, each delivery leaves once, and what one
// process does for all is done once.
func TestSeveralProcesses(t *testing.T) {
	t.Parallel()
	t.Run("on one Redis", func(t *testing.T) {
		t.Parallel()
		newFleet(t, storagetest.Redis(t)).works()
	})
	t.Run("on a Redis Cluster of three", func(t *testing.T) {
		t.Parallel()
		address, nodes := newCluster(t)
		newFleet(t, address).works()
		if n := used(t, nodes); n < 2 {
			t.Errorf("%d nodes of the cluster hold anything, want the work spread", n)
		}
	})
}

// fleet is one server of ours of four processes, and a stranger who writes and reads.
type fleet struct {
	t       *testing.T
	home    *town   // the name that all share
	serve   []*town // answer requests, and work
	work    []*town
	running []*process
	peer    *stranger
	group   string
}

func newFleet(t *testing.T, redisURL string) *fleet {
	t.Helper()
	f := &fleet{t: t, home: settleOn(t, storagetest.URL(t), redisURL, "PASSERELLES_DATABASE_CONNS=8")}
	f.serve = []*town{f.process(), f.process()}
	f.work = []*town{f.process(), f.process()}
	newFront(t, f.home.host, f.serve[0].host, f.serve[1].host)
	f.home.member("ana") // the first to open the database writes its origin and its secret
	for _, p := range f.serve {
		p.start()
		f.running = append(f.running, p.served)
	}
	for _, p := range f.work {
		f.running = append(f.running, p.run("work"))
	}
	f.home.community("makers", "ana")
	f.group = f.home.do("community", "show", "makers").text("id")
	f.peer = newStranger(t)
	f.peer.knows(f.group)
	return f
}

// process is another process of the same server, with addresses of its own.
func (f *fleet) process() *town {
	p := *f.home
	p.host = "localhost:" + freePort(f.t)
	p.origin = "https://" + p.host // where it is asked; what it says of itself is in env
	p.env = append(append([]string(nil), f.home.env...), "PASSERELLES_LISTEN="+p.host,
		"PASSERELLES_METRICS_LISTEN=localhost:"+freePort(f.t))
	return &p
}

// door is a client that finds this process under the name that all share.
func (s *town) door() *http.Client {
	transport := client().Transport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, s.host)
	}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Timeout: client().Timeout, Transport: transport}
}

// says has the stranger post through a door until it is taken.
func (f *fleet) says(ctx context.Context, door *http.Client, author string, activity answer) error {
	body := f.peer.body(author, activity)
	for {
		response, said, err := f.peer.throwBy(ctx, door, f.home.origin+"/inbox", author, body)
		if err != nil {
			return err
		}
		switch response.StatusCode {
		case http.StatusAccepted:
			return nil
		case http.StatusServiceUnavailable: // behind: later
			time.Sleep(100 * time.Millisecond)
		default:
			return fmt.Errorf("%s: %d %s", activity["id"], response.StatusCode, said)
		}
	}
}

const fleetNotes, fleetPosts = 40, 10

func (f *fleet) works() {
	f.t.Helper()
	reads := f.peer.actor("cleo")
	must(f.t, f.peer.says(f.t.Context(), f.home.origin+"/inbox", reads, answer{"id": reads + "/follow", "type": "Follow", "object": f.group}))
	await(f.t, "the stranger follows", func() bool { return len(f.peer.received()) > 0 })
	f.write()
	f.checkDeliveries()
	f.checkApplied()
	f.checkLimit()
	f.checkShared()
	f.checkSwept()
}

// write has the stranger say each thing twice, to both processes at once, while
// ours write too.
func (f *fleet) write() {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	defer cancel()
	author := f.peer.actor("dina")
	doors := []*http.Client{f.serve[0].door(), f.serve[1].door()}
	var wg sync.WaitGroup
	for i := range fleetNotes {
		iri := fmt.Sprintf("%s/notes/%d", f.peer.origin, i)
		say := func() answer {
			return answer{"id": iri + "/create", "type": "Create", "to": []string{f.group}, "cc": []string{"https://www.w3.org/ns/activitystreams#Public"},
				"object": answer{"id": iri, "type": "Note", "attributedTo": author, "content": fmt.Sprintf("<p>Note %d.</p>", i),
					"to": []string{f.group}, "cc": []string{"https://www.w3.org/ns/activitystreams#Public"},
					"audience": f.group, "published": "2026-01-02T03:04:05Z"}}
		}
		for _, door := range doors {
			wg.Go(func() {
				if err := f.says(ctx, door, author, say()); err != nil {
					f.t.Error(err)
				}
			})
		}
		if i%4 == 0 {
			f.home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Atelier", "--text", fmt.Sprintf("Le %d.", i))
		}
	}
	wg.Wait()
	complain(f.t, f.peer.wrong)
}

// checkDeliveries: each post and each note reached the stranger once in each form.
func (f *fleet) checkDeliveries() {
	f.t.Helper()
	db := openDB(f.t, f.home)
	const sent = `SELECT count(*) FROM activities WHERE type IN ('Announce', 'Create') AND object <> '' AND actor = (SELECT actor FROM communities)`
	await(f.t, "all is announced", func() bool { return count(f.t, db, sent) == 2*(fleetNotes+fleetPosts) })
	await(f.t, "nothing waits", func() bool { return count(f.t, db, `SELECT count(*) FROM deliveries`) == 0 })
	times, wrong := f.peer.got(), []string{}
	for _, iri := range rows[struct{ IRI string }](f.t, db, `SELECT iri FROM activities WHERE type = 'Announce'`) {
		if times[iri.IRI] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s came %d times", iri.IRI, times[iri.IRI]))
		}
	}
	if n := count(f.t, db, `SELECT count(*) FROM dead_letters`); n != 0 {
		wrong = append(wrong, fmt.Sprintf("%d dead letters", n))
	}
	complain(f.t, append(wrong, f.peer.wrong...))
}

// checkApplied: what was said twice is there once.
func (f *fleet) checkApplied() {
	f.t.Helper()
	db := openDB(f.t, f.home)
	for sql, want := range map[string]int{
		`SELECT count(*) FROM received WHERE type = 'Create'`:                         fleetNotes,
		`SELECT count(*) FROM received WHERE type = 'Create' AND outcome = 'applied'`: fleetNotes,
		`SELECT count(*) FROM posts WHERE NOT local`:                                  fleetNotes,
		`SELECT count(*) FROM posts WHERE local`:                                      fleetPosts,
		`SELECT count(*) FROM inbox_queue`:                                            0,
	} {
		if got := count(f.t, db, sql); got != want {
			f.t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

// checkLimit: who guessed wrong too often at one process may not guess at the other.
func (f *fleet) checkLimit() {
	f.t.Helper()
	for range 10 { // failuresPerLogin
		if got := f.guess(f.serve[0]); got != http.StatusUnauthorized {
			f.t.Fatalf("a wrong password: %d, want 401", got)
		}
	}
	if got := f.guess(f.serve[1]); got != http.StatusTooManyRequests {
		f.t.Errorf("the eleventh guess, at the other process: %d, want 429", got)
	}
}

func (f *fleet) guess(at *town) int {
	f.t.Helper()
	response, err := client().PostForm(at.origin+"/sign-in", url.Values{"login": {"ana"}, "password": {"wrong horse"}})
	must(f.t, err)
	defer response.Body.Close()
	return response.StatusCode
}

// checkShared: both that serve took of what came, and all four together count
// each delivery once.
func (f *fleet) checkShared() {
	f.t.Helper()
	sent := 0
	for i, p := range append(append([]*town(nil), f.serve...), f.work...) {
		took, delivered := p.meter(`passerelles_received_total{outcome="received"`), p.meter(`passerelles_deliveries_total{outcome="delivered"}`)
		f.t.Logf("process %d took %d and delivered %d", i, took, delivered)
		sent += delivered
		if i < len(f.serve) && took == 0 {
			f.t.Errorf("process %d took nothing", i)
		}
	}
	if want := len(f.peer.received()); sent != want {
		f.t.Errorf("%d deliveries are counted, %d came", sent, want)
	}
}

// meter sums the figures of a process whose line begins so.
func (s *town) meter(begins string) (sum int) {
	s.t.Helper()
	var at string
	for _, v := range s.env {
		if address, found := strings.CutPrefix(v, "PASSERELLES_METRICS_LISTEN="); found {
			at = address // the last one counts
		}
	}
	response, err := http.Get("http://" + at + "/metrics")
	must(s.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(s.t, err)
	for _, line := range regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(begins)+`.* (\d+)$`).FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.Atoi(line[1])
		must(s.t, err)
		sum += n
	}
	return sum
}

// checkSwept: of four processes that began together, one swept for all.
func (f *fleet) checkSwept() {
	f.t.Helper()
	db := openDB(f.t, f.home)
	await(f.t, "somebody has swept", func() bool { return count(f.t, db, `SELECT count(*) FROM server WHERE swept_at > '2000-01-01'`) == 1 })
	swept := 0
	for _, p := range f.running {
		p.stop(syscall.SIGTERM)
		swept += strings.Count(p.log.String(), "what has had its time is thrown away")
	}
	if swept != 1 {
		f.t.Errorf("swept %d times, want once", swept)
	}
}
