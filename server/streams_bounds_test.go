package server

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"

	"passerelles/actors"
	"passerelles/posts"
	"passerelles/storage"
)

// TestStreamsMissNothing: what many write at once is heard once each, and so is what commits long
// after it was written.
func TestStreamsMissNothing(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve")
	makers := r.group("makers", actors.Open, "ana", "eve")
	e := r.listens("stream=public", r.token("eve"))
	old := r.says("ana", posts.Draft{Community: makers.Actor.ID, Title: "Vieux", Text: "."})
	e.until("Vieux")

	r.must(r.beside.DB.Write(t.Context(), func(tx storage.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE posts SET content = 'Tard', updated = published + interval '1 second' WHERE id = $1`, old.ID); err != nil {
			return err
		}
		for i := range 3 { // each seen, so that looks have passed
			title := "Entre " + strconv.Itoa(i)
			r.says("ana", posts.Draft{Community: makers.Actor.ID, Title: title, Text: "."})
			if got := e.until(title); len(got) != 1 {
				t.Errorf("before the commit: %v", got)
			}
		}
		return nil
	}))
	if h := e.hears(); h.Event != "status.update" || !strings.Contains(h.Payload, "Tard") {
		t.Errorf("after it: %+v", h)
	}

	const writers, each = 4, 10
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for j := range each {
				at := []*Server{r.Server, r.beside}[j%2]
				_, err := at.Posts.Publish(t.Context(), r.people["ana"].ID, posts.Draft{Community: makers.Actor.ID, Title: fmt.Sprintf("<%d.%d>", i, j), Text: "."})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	r.says("ana", posts.Draft{Community: makers.Actor.ID, Title: "Fin", Text: "."})
	seen := map[string]int{}
	for _, h := range e.until("Fin") {
		seen[h.status(t).ID]++
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("post %s is heard %d times", id, n)
		}
	}
	if len(seen) != writers*each+1 {
		t.Errorf("%d posts are heard, want %d", len(seen), writers*each+1)
	}
}

// TestStreamsWithoutEnd: a member and an address hold so many, which all count as connections.
func TestStreamsWithoutEnd(t *testing.T) {
	t.Parallel()
	names := []string{"ana", "bob", "cyd", "dan", "eve"}
	r := newRiver(t, names...)
	from := func(address, token string) (*websocket.Conn, int) {
		conn, answer, err := r.dial("stream=user", http.Header{"Authorization": {"Bearer " + token}, "X-Forwarded-For": {address}})
		if err != nil && answer == nil {
			t.Fatal(err)
		}
		if answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
			t.Error("it is not told when to come back")
		}
		return conn, answer.StatusCode
	}
	open := []*websocket.Conn{}
	for i, name := range names[:4] {
		token := r.token(name)
		for range []int{32, 32, 32, 4}[i] {
			conn, status := from("203.0.113.7", token)
			if status != http.StatusSwitchingProtocols {
				t.Fatalf("number %d: %d", len(open), status)
			}
			open = append(open, conn)
		}
	}
	if _, status := from("203.0.113.8", r.token("ana")); status != http.StatusTooManyRequests {
		t.Errorf("one more of a member: %d", status)
	}
	if _, status := from("203.0.113.7", r.token("eve")); status != http.StatusTooManyRequests {
		t.Errorf("one more of an address: %d", status)
	}
	if _, status := from("203.0.113.9", r.token("eve")); status != http.StatusSwitchingProtocols {
		t.Errorf("of another: %d", status)
	}
	held := func() int {
		r.crowd.mu.Lock()
		defer r.crowd.mu.Unlock()
		return len(r.crowd.guests)
	}
	if n := held(); n < 101 {
		t.Errorf("%d connections are counted, want 101 and more", n)
	}
	for _, conn := range open {
		r.must(conn.Close())
	}
	r.eventually("they are free again", func() bool { return r.Streams.Lines() == 1 && held() < 10 })
	if _, status := from("203.0.113.7", r.token("ana")); status != http.StatusSwitchingProtocols {
		t.Errorf("once they are over: %d", status)
	}
}

// TestStreamsSlow: who does not read is cut off, and nobody waits for them.
func TestStreamsSlow(t *testing.T) {
	t.Parallel()
	r := newRiver(t, "ana", "eve")
	makers := r.group("makers", actors.Open, "ana", "eve")
	small := websocket.Dialer{NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
		}
		return conn, err
	}}
	slow, _, err := small.Dial("ws"+strings.TrimPrefix(r.Config.Origin, "http")+"/api/v1/streaming?stream=user&access_token="+r.token("eve"), nil)
	r.must(err)
	defer slow.Close()
	e := r.listens("stream=public", r.token("ana"))
	for i := 0; r.Streams.Lines() == 2; i++ {
		if i == 300 {
			t.Fatal("it is never cut off")
		}
		title := "Long " + strconv.Itoa(i) + "."
		r.says("ana", posts.Draft{Community: makers.Actor.ID, Title: title, Text: strings.Repeat("mot ", posts.LongestText/4-1)})
		e.until(title)
	}
}
