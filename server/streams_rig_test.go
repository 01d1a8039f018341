package server

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/posts"
	"passerelles/storage/storagetest"
)

// river is a server that holds streams, and another process of it that does not.
type river struct {
	*Server
	t      *testing.T
	beside *Server
	app    *app
	people map[string]accounts.Member
	log    *safeBuffer
	stop   func() // ends the first, and waits
}

func newRiver(t *testing.T, names ...string) *river {
	t.Helper()
	return newRiverWith(t, func(*config.Config) {}, names...)
}

func newRiverWith(t *testing.T, set func(*config.Config), names ...string) *river {
	t.Helper()
	r := &river{t: t, people: map[string]accounts.Member{}, log: &safeBuffer{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	r.must(err)
	cfg := config.Default()
	cfg.Origin, cfg.Data, cfg.MetricsListen = "http://"+listener.Addr().String(), t.TempDir(), ""
	cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = storagetest.URL(t), storagetest.Redis(t), 6
	cfg.PostsAnHour = 0
	set(&cfg)
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.Server = r.open(cfg, log)
	r.beside = r.open(cfg, log)
	ctx, end := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.ServeOn(ctx, listener) }()
	ended := false
	r.stop = func() {
		if end(); !ended {
			ended = true
			if err := <-served; err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(r.stop)
	for _, name := range names {
		m, err := r.Accounts.Create(t.Context(), accounts.New{Name: name, Email: name + "@example.org", Password: "correct horse battery"})
		r.must(err)
		r.people[name] = m
	}
	r.app = newApp(t, r.Server)
	return r
}

func (r *river) open(cfg config.Config, log *slog.Logger) *Server {
	r.t.Helper()
	s, err := Open(r.t.Context(), cfg, Options{Log: log})
	r.must(err)
	r.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return s
}

func (r *river) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *river) actor(name string) actors.Actor {
	r.t.Helper()
	a, err := r.Directory.ByID(r.t.Context(), r.people[name].ID)
	r.must(err)
	return a
}

// group is a community whose animator is the first of who, and whose members, who follow it, are the others.
func (r *river) group(name string, level actors.Access, who ...string) communities.Community {
	r.t.Helper()
	c, err := r.Communities.Create(r.t.Context(), communities.New{Name: name, Title: name, Access: level, Animator: r.people[who[0]].ID})
	r.must(err)
	for _, other := range who[1:] {
		if level != actors.Open {
			r.must(r.Communities.Invite(r.t.Context(), r.people[who[0]].ID, c.Actor.ID, r.people[other].ID))
		}
		_, err := r.Communities.Join(r.t.Context(), communities.Joining{Community: c.Actor.ID, Who: r.people[other].ID})
		r.must(err)
	}
	return c
}

// says has somebody write, in the other process.
func (r *river) says(name string, d posts.Draft) posts.Post {
	r.t.Helper()
	p, err := r.beside.Posts.Publish(r.t.Context(), r.people[name].ID, d)
	r.must(err)
	return p
}

func (r *river) token(name string, scopes ...string) string {
	r.t.Helper()
	if len(scopes) == 0 {
		scopes = []string{"read"}
	}
	return r.app.token(r.people[name], scopes...)
}

// heard is an event, as an app hears it.
type heard struct {
	Stream  []string `json:"stream"`
	Event   string   `json:"event"`
	Payload string   `json:"payload"`
	Error   string   `json:"error"`
}

func (h heard) status(t *testing.T) (s struct {
	ID, Content string
	Account     struct{ Acct string }
	Reblog      *struct{ ID, Content string }
	Favourited  bool
	Type        string
	Status      *struct{ ID, Content string }
}) {
	t.Helper()
	if err := json.Unmarshal([]byte(h.Payload), &s); err != nil {
		t.Fatalf("%v: %q", err, h.Payload)
	}
	return s
}

// ear hears one socket.
type ear struct {
	t    *testing.T
	conn *websocket.Conn
}

// listens opens a socket with what stands in the address, and a token.
func (r *river) listens(query, token string) *ear {
	r.t.Helper()
	conn, answer, err := r.dial(query, http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		r.t.Fatal(err, answer)
	}
	return &ear{r.t, conn}
}

func (r *river) dial(query string, head http.Header) (*websocket.Conn, *http.Response, error) {
	conn, answer, err := websocket.DefaultDialer.DialContext(r.t.Context(), "ws"+strings.TrimPrefix(r.Config.Origin, "http")+"/api/v1/streaming?"+query, head)
	if err == nil {
		r.t.Cleanup(func() { _ = conn.Close() }) // it may be over already
	}
	return conn, answer, err
}

const inVain = time.Minute // and the test fails: nothing is measured by it

// hears gives the next event.
func (e *ear) hears() heard {
	e.t.Helper()
	var h heard
	if err := e.conn.SetReadDeadline(time.Now().Add(inVain)); err != nil {
		e.t.Fatal(err)
	}
	if err := e.conn.ReadJSON(&h); err != nil {
		e.t.Fatal(err)
	}
	return h
}

// until gives what was heard until an event of a post that has some words, that included.
func (e *ear) until(words string) (all []heard) {
	e.t.Helper()
	for {
		h := e.hears()
		all = append(all, h)
		if strings.Contains(h.Payload, words) {
			return all
		}
	}
}

// ends waits for the end, and gives its reason.
func (e *ear) ends() string {
	e.t.Helper()
	if err := e.conn.SetReadDeadline(time.Now().Add(inVain)); err != nil {
		e.t.Fatal(err)
	}
	for {
		_, text, err := e.conn.ReadMessage()
		if err != nil {
			return err.Error()
		}
		e.t.Logf("before the end: %s", text)
	}
}

func (e *ear) asks(word map[string]string) {
	e.t.Helper()
	if err := e.conn.WriteJSON(word); err != nil {
		e.t.Fatal(err)
	}
}

// lines opens a stream of server-sent events.
func (r *river) lines(path string, token string) (*bufio.Scanner, *http.Response) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 2*inVain)
	r.t.Cleanup(cancel)
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, r.Config.Origin+"/api/v1/streaming/"+path, nil)
	r.must(err)
	with(token)(q)
	answer, err := http.DefaultClient.Do(q)
	r.must(err)
	r.t.Cleanup(func() { _ = answer.Body.Close() })
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return lines, answer
}

// eventually looks until something holds.
func (r *river) eventually(what string, holds func() bool) {
	r.t.Helper()
	for end := time.Now().Add(inVain); !holds(); time.Sleep(20 * time.Millisecond) { // between two looks
		if time.Now().After(end) {
			r.t.Fatalf("waited in vain until %s", what)
		}
	}
}
