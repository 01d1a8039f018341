package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestAnyOrderAndOften has people write to a community of ours through a carrier that
// hands over in any order, and much of it several times, at once. What they wrote stands
// as they left it: only whoever ties again what was untied waits until the carrier has
// handed over the end of the first tie.
//
// CHAOS_FOR and CHAOS_SEED are as for TestNothingLostNothingTwice.
func TestAnyOrderAndOften(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("CHAOS_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("CHAOS_SEED=%d", seed)
	home := newTown(t)
	home.member("ana")
	home.community("makers", "ana")
	news := home.do("post", "new", "--as", "ana", "--community", "makers", "--title", "Atelier", "--text", "Samedi.").text("id")
	group := home.do("community", "show", "makers").text("id")
	c := newCrowd(t, seed, 6, home.origin+"/inbox", group)
	c.notes[news] = &note{iri: news}
	c.knows(group)
	by := &carrier{t: t, dice: rand.New(rand.NewPCG(seed, 2))}
	c.by = &http.Client{Transport: by}
	c.release(10_000)

	long, _ := time.ParseDuration(os.Getenv("CHAOS_FOR")) // none: a few rounds
	until := time.Now().Add(long)
	for round := 0; round < 2 || time.Now().Before(until); round++ {
		for range 120 {
			must(t, c.writers[by.dice.IntN(len(c.writers))].act(t.Context()))
		}
		by.handOver()
	}
	db := openDB(t, home)
	for left := backlogOf(t, db); left != (backlog{}); {
		before := left
		awaitFor(t, recovery, fmt.Sprintf("less waits than %+v", before), func() bool {
			left = backlogOf(t, db)
			return left.weight() < before.weight()
		})
	}
	t.Logf("%d requests carried %d activities", by.handed, by.taken)

	ends := map[string]string{}
	for _, r := range rows[receipt](t, db, `SELECT iri, type, outcome, reason FROM received`) {
		ends[r.IRI] = r.Outcome
		if r.Outcome == "dead" || r.Outcome == "refused" {
			t.Errorf("%+v", r)
		}
	}
	there := map[string]stood{}
	for _, p := range rows[stood](t, db, `SELECT iri, content, deleted_at IS NOT NULL, 0 FROM posts WHERE NOT local`) {
		there[p.IRI] = p
	}
	var wrong []string
	for _, w := range c.writers {
		for _, iri := range w.said {
			if ends[iri] == "" {
				wrong = append(wrong, iri+" was answered 202 and is lost")
			}
		}
	}
	for iri, n := range c.notes {
		got, found := there[iri]
		want := stood{IRI: iri, Content: n.content()}
		if n.deleted {
			want = stood{IRI: iri, Deleted: true}
		}
		if n.author != "" && got != want && (found || !n.deleted) {
			wrong = append(wrong, fmt.Sprintf("got %+v, want %+v", got, want))
		}
	}
	complain(t, append(wrong, c.wrong...))
	c.checkTies(t, db)
}

// carrier takes requests, answers that they are taken, and hands them over later.
type carrier struct {
	t     *testing.T
	dice  *rand.Rand
	bag   []letter
	taken int

	mu     sync.Mutex
	handed int
}

type letter struct {
	request *http.Request
	body    []byte
	said    said
}

// said is what a carrier reads of an activity.
type said struct {
	Type, Actor string
	Object      json.RawMessage
}

// what is what it is about: of an Undo, what the undone was about.
func (s said) what() string {
	var iri string
	if json.Unmarshal(s.Object, &iri) == nil {
		return iri
	}
	var inner struct{ Object string }
	_ = json.Unmarshal(s.Object, &inner) // else it is about nothing that is tied
	return inner.Object
}

// RoundTrip takes a request.
func (c *carrier) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	l := letter{request: r, body: body}
	if err := json.Unmarshal(body, &l.said); err != nil {
		return nil, err
	}
	tiedAgain := func(before letter) bool {
		return before.said.Type == "Undo" && before.said.Actor == l.said.Actor && before.said.what() == l.said.what()
	}
	if (l.said.Type == "Like" || l.said.Type == "Follow") && slices.ContainsFunc(c.bag, tiedAgain) {
		c.handOver()
	}
	c.bag = append(c.bag, l)
	c.taken++
	return &http.Response{StatusCode: http.StatusAccepted, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// handOver empties the bag: each letter up to three times, shuffled, eight at once.
func (c *carrier) handOver() {
	c.t.Helper()
	var all []letter
	for _, l := range c.bag {
		for range 1 + max(0, c.dice.IntN(5)-2) {
			all = append(all, l)
		}
	}
	c.bag = nil
	c.dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	letters := make(chan letter, len(all))
	for _, l := range all {
		letters <- l
	}
	close(letters)
	var hands sync.WaitGroup
	for range 8 {
		hands.Go(func() {
			for l := range letters {
				c.deliver(l)
			}
		})
	}
	hands.Wait()
}

// deliver knocks until the letter is taken.
func (c *carrier) deliver(l letter) {
	for {
		r := l.request.Clone(c.t.Context())
		r.Body = io.NopCloser(bytes.NewReader(l.body))
		response, err := client().Transport.RoundTrip(r)
		if err != nil {
			c.t.Error(err)
			return
		}
		response.Body.Close()
		c.mu.Lock()
		c.handed++
		c.mu.Unlock()
		if response.StatusCode == http.StatusAccepted {
			return
		}
		if response.StatusCode != http.StatusServiceUnavailable {
			c.t.Errorf("%s was answered %d", l.body, response.StatusCode)
			return
		}
		time.Sleep(100 * time.Millisecond) // it said when to come again
	}
}
