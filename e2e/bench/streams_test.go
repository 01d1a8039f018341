package bench

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"passerelles/storage"
)

// BenchmarkStreams holds thousands of streams open, each of a member of its own who follows the
// community, while another process posts there.
func BenchmarkStreams(b *testing.B) {
	h := newHouse(b, nil)
	streams, events := sized(5000, 200), 10
	tokens := h.members(streams)
	heard := make(chan time.Time, streams)
	var gone sync.WaitGroup
	conns := h.listen(tokens, func(conn *websocket.Conn) {
		gone.Go(func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					return
				}
				heard <- time.Now()
			}
		})
	})
	fatalIfFailed(b)
	open, _ := h.memory()
	h.publish(1) // what is done the first time is done
	h.all(heard, streams)
	var last []time.Duration
	used, begun, profiled := h.ledger(), time.Now(), h.profile("streams", 8)
	for range events {
		time.Sleep(500 * time.Millisecond) // apart, as people write
		said := time.Now()
		h.publish(1)
		last = append(last, h.all(heard, streams).Sub(said))
	}
	took, spent := time.Since(begun), h.ledger().minus(used)
	profiled()
	most := slices.Max(last)
	slices.Sort(last)
	report(fmt.Sprintf("%d open streams: an event has reached all", streams), fmt.Sprintf("%.2f s at most, %.2f s mostly", most.Seconds(), last[len(last)/2].Seconds()), "≤ 1 s", most <= time.Second)
	tell(fmt.Sprintf("the same, of a processor for %d events in %.0f s", events, took.Seconds()),
		fmt.Sprintf("the server %.1f s, PostgreSQL %.1f s", spent.server.Seconds(), spent.postgres.Seconds()))
	after, top := h.memory()
	report("the same, memory of the server", fmt.Sprintf("%.0f MiB open, %.0f after, %.0f at most", open, after, top), "≤ 300 MiB", top <= 300)
	for _, conn := range conns {
		_ = conn.Close() // the server may have ended it
	}
	gone.Wait()
}

// all waits until everybody heard, and gives when the last did.
func (h *house) all(heard <-chan time.Time, many int) (last time.Time) {
	h.t.Helper()
	for i := range many {
		select {
		case at := <-heard:
			last = at
		case <-time.After(30 * time.Second):
			h.t.Fatalf("%d of %d heard", i, many)
		}
	}
	return last
}

// members are written straight into the tables, each with an app's token, and follow the community.
func (h *house) members(many int) []string {
	h.t.Helper()
	now := time.Now().UTC()
	ids, secrets, hashes := make([]int64, many), make([]string, many), make([][]byte, many)
	for i := range many {
		ids[i], secrets[i] = storage.NewID(now.Add(-time.Duration(i+1)*time.Millisecond)), fmt.Sprintf("bench-%d", i)
		sum := sha256.Sum256([]byte(secrets[i]))
		hashes[i] = sum[:]
	}
	h.exec(`INSERT INTO actors (id, iri, kind, name, published, refreshed_at)
		SELECT u, $2 || '/actors/' || u, 'person', 'm' || u, $3, $3 FROM unnest($1::bigint[]) AS u`, ids, h.origin, now)
	h.exec(`INSERT INTO members (actor, email, password, created_at) SELECT u, u || '@bench.example', '', $2 FROM unnest($1::bigint[]) AS u`, ids, now)
	h.exec(`INSERT INTO follows (followee, follower, state, iri, asked_at, answered_at)
		SELECT $2, u, 'accepted', $3 || '/follows/' || u, $4, $4 FROM unnest($1::bigint[]) AS u`, ids, h.community.Actor.ID, h.origin, now)
	h.exec(`INSERT INTO apps (id, client, secret, name, redirects, scopes, created_at) VALUES (1, 'bench', '', 'bench', '{}', 'read', $1)`, now)
	h.exec(`INSERT INTO app_tokens (hash, id, app, member, scopes, created_at, used_at)
		SELECT hash, member, 1, member, 'read', $3, $3 FROM unnest($1::bigint[], $2::bytea[]) AS u (member, hash)`, ids, hashes, now)
	h.exec("ANALYZE")
	return secrets
}

// listen opens a stream for each token.
func (h *house) listen(tokens []string, begin func(*websocket.Conn)) []*websocket.Conn {
	h.t.Helper()
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: h.roots()}, HandshakeTimeout: 30 * time.Second, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10}
	conns := make([]*websocket.Conn, len(tokens))
	work := make(chan int)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for i := range work {
				conn, _, err := dialer.Dial("wss://"+h.address+"/api/v1/streaming?stream=user", http.Header{"Authorization": {"Bearer " + tokens[i]}})
				if err != nil {
					h.t.Errorf("stream %d: %v", i, err)
					continue
				}
				conns[i] = conn
				begin(conn)
			}
		})
	}
	for i := range tokens {
		work <- i
	}
	close(work)
	all.Wait()
	return conns
}
