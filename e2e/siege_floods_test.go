package e2e

import (
	"fmt"
	"net/http"
	"strings"

	"passerelles/storage"
)

// redisFull: it answers, and keeps nothing more.
func (s *siege) redisFull() {
	s.t.Helper()
	for _, limit := range []string{"1", "0"} { // 0: none
		if said := s.ground.tellRedis("CONFIG SET maxmemory " + limit); !strings.HasPrefix(said, "+OK") {
			s.t.Fatalf("CONFIG SET: %s", said)
		}
		s.meanwhile("10 are answered 202 while Redis is full, and after", 10)
	}
}

// clientsTooMany: others hold every connection that PostgreSQL gives.
func (s *siege) clientsTooMany() {
	s.t.Helper()
	var hogs []*storage.DB
	defer func() {
		for _, db := range hogs {
			db.Close()
		}
		await(s.t, "serve has connections again", func() bool { return s.home.status("/readyz") == http.StatusOK })
	}()
	full := func() bool {
		db, err := storage.Open(s.ctx, s.ground.postgres.DatabaseURL, 1)
		if err != nil {
			return true
		}
		hogs = append(hogs, db)
		return false
	}
	await(s.t, "PostgreSQL lets nobody in", full)
	await(s.t, "serve has no connection", func() bool {
		s.wires.postgres.cut() // again each time: serve may have been quicker to come back
		return full() && s.home.status("/readyz") == http.StatusServiceUnavailable
	})
}

// pulses: serve gets the processor only now and then.
func (s *siege) pulses() {
	s.t.Helper()
	for range 5 {
		s.freeze(s.home.served)
		s.crowd.release(5)
		s.locals.tokens <- struct{}{}
		s.thaw(s.home.served)
	}
	s.meanwhile("10 are answered 202 after pulses", 10)
}

// partition: the two servers do not reach each other.
func (s *siege) partition() {
	s.t.Helper()
	defer s.road.site.hang()()
	for range 5 { // what home hears, it hears by the same wire from everybody
		s.wires.site.cut()
		s.meanwhile("3 are answered 202 between cuts", 3)
	}
}

// junkComes: signed, and of no sense; then people who never end their request.
func (s *siege) junkComes() {
	s.t.Helper()
	rogue := newStranger(s.t)
	who := rogue.actor("rogue")
	for i := range 60 {
		junk := strings.NewReplacer("ACTOR", who, "N", fmt.Sprint(i), "GROUP", s.group).Replace(nonsense[i%len(nonsense)])
		response, said, err := rogue.throw(s.ctx, s.crowd.inbox, who, []byte(junk))
		if err == nil && response.StatusCode != http.StatusServiceUnavailable && (response.StatusCode < 400 || response.StatusCode >= 500) {
			s.t.Errorf("%.100s was answered %d: %s", junk, response.StatusCode, said)
		}
	}
	idle := s.idlers(200)
	for _, c := range idle {
		defer c.Close()
		if _, err := fmt.Fprintf(c, "POST /inbox HTTP/1.1\r\nHost: %s\r\n", s.home.host); err != nil {
			s.t.Fatal(err)
		}
	}
	s.meanwhile("10 are answered 202 beside 200 who never end", 10)
}

// nonsense is what nothing can be done with. None has an id that could be received.
var nonsense = []string{
	``, `null`, `[]`, `{`, `"text"`, strings.Repeat("[", 100_000), `{"@context":`, "\x00\xff",
	`{"type":"Create"}`,
	`{"id":1,"type":[],"actor":"ACTOR"}`,
	`{"id":"not an address N","type":"Like","actor":"ACTOR","object":"GROUP"}`,
	`{"id":"https://elsewhere.example/N","type":"Like","actor":"ACTOR","object":"GROUP"}`,
	`{"id":"ACTOR/junk/N","type":"Like","actor":"GROUP","object":"GROUP"}`,
}
