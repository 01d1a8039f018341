package server

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/posts"
	"passerelles/storage/storagetest"
)

// TestSameRoad asks for what is not for the reader, deleted or not, and for what never was: the
// database is asked the same questions, so that the time of an answer cannot tell them apart.
func TestSameRoad(t *testing.T) {
	t.Parallel()
	s, asked := overheard(t)
	people := map[string]accounts.Member{}
	for _, name := range []string{"ana", "dora"} {
		m, err := s.Accounts.Create(t.Context(), accounts.New{Name: name, Email: name + "@example.org", Password: "correct horse battery"})
		if err != nil {
			t.Fatal(err)
		}
		people[name] = m
	}
	token := func(name string) func(*http.Request) {
		text, err := s.Accounts.IssueToken(t.Context(), acts.By{}, people[name].ID, "test", 0)
		if err != nil {
			t.Fatal(err)
		}
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+text) }
	}
	group, err := s.Communities.Create(t.Context(), communities.New{Name: "cercle", Title: "Le cercle", Access: actors.Confidential, Animator: people["ana"].ID})
	if err != nil {
		t.Fatal(err)
	}
	said := make([]posts.Post, 2)
	for i := range said {
		said[i], err = s.Posts.Publish(t.Context(), people["ana"].ID, posts.Draft{Community: group.Actor.ID, Title: "Fil", Text: "Entre nous."})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Posts.Delete(t.Context(), people["ana"].ID, said[1].ID); err != nil {
		t.Fatal(err)
	}
	for _, who := range []struct {
		name string
		as   func(*http.Request)
	}{{"anybody", func(*http.Request) {}}, {"who is no member", token("dora")}} {
		for _, accept := range []string{"text/html", "application/activity+json"} {
			for _, tail := range []string{"", "/replies", "/likes", "/context", "/edit"} {
				look := func(id string) (int, []string) {
					asked.take()
					status, _, _ := (&site{Server: s, url: s.Config.Origin}).ask(t, http.MethodGet, "/posts/"+id+tail, nil, who.as,
						func(r *http.Request) { r.Header.Set("Accept", accept) })
					return status, asked.take()
				}
				status, missing := look(unknownID)
				if status == http.StatusOK || tail == "" && len(missing) == 0 {
					t.Fatalf("what never was is answered %d, after %d questions", status, len(missing))
				}
				for what, p := range map[string]posts.Post{"what is not for them": said[0], "what was deleted": said[1]} {
					if got, private := look(id(p.ID)); got != status || !slices.Equal(private, missing) {
						t.Errorf("%s asks %s for %s: %d after %q, for nothing %d after %q", who.name, tail, what, got, private, status, missing)
					}
				}
			}
			if status, _, _ := (&site{Server: s, url: s.Config.Origin}).ask(t, http.MethodGet, "/posts/"+id(said[0].ID), nil, token("ana")); status != http.StatusOK {
				t.Errorf("a member is answered %d", status)
			}
		}
	}
}

// overheard is a server that speaks with its database through one who listens.
func overheard(t *testing.T) (*Server, *eavesdropper) {
	t.Helper()
	behind, err := url.Parse(storagetest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	e := &eavesdropper{t: t, texts: map[string]string{}}
	address := e.listen(behind)
	front := httptest.NewUnstartedServer(nil)
	cfg := config.Default()
	cfg.Origin, cfg.Data, cfg.MetricsListen = "http://"+front.Listener.Addr().String(), t.TempDir(), ""
	cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = address, storagetest.Redis(t), 1
	s, err := Open(t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	front.Config.Handler = s.Handler()
	front.Start()
	t.Cleanup(front.Close)
	return s, e
}

// eavesdropper stands between a server and PostgreSQL and remembers what is asked.
type eavesdropper struct {
	t     *testing.T
	mu    sync.Mutex
	texts map[string]string // of prepared statements, by name
	asked []string
}

// take gives what was asked since the last time.
func (e *eavesdropper) take() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := e.asked
	e.asked = nil
	return all
}

// listen gives the address of the database behind itself.
func (e *eavesdropper) listen(behind *url.URL) string {
	e.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go e.stand(client, behind)
		}
	}()
	front := *behind
	query := front.Query()
	query.Del("host")
	query.Set("sslmode", "disable")
	front.Host, front.RawQuery = l.Addr().String(), query.Encode()
	return front.String()
}

func (e *eavesdropper) stand(client net.Conn, behind *url.URL) {
	defer client.Close()
	network, address := "tcp", behind.Host
	if folder := behind.Query().Get("host"); strings.HasPrefix(folder, "/") {
		port := behind.Query().Get("port")
		if port == "" {
			port = "5432"
		}
		network, address = "unix", folder+"/.s.PGSQL."+port
	}
	database, err := net.Dial(network, address)
	if err != nil {
		e.t.Errorf("reach the database: %v", err)
		return
	}
	defer database.Close()
	go func() {
		_, _ = io.Copy(client, database) // ends with either
		_ = client.Close()
	}()
	in := bufio.NewReader(client)
	first := true
	for {
		head := make([]byte, 5)
		if first { // the first message has no kind
			head = head[:4]
		}
		if _, err := io.ReadFull(in, head); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if !first {
			e.hear(head[0], body)
		}
		first = false
		if _, err := database.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// hear notes a question: a statement that is prepared, one that is asked by its name, or text.
func (e *eavesdropper) hear(kind byte, body []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	parts := bytes.SplitN(body, []byte{0}, 3)
	switch kind {
	case 'P':
		e.texts[string(parts[0])] = string(parts[1])
	case 'B':
		e.asked = append(e.asked, e.texts[string(parts[1])])
	case 'Q':
		e.asked = append(e.asked, string(parts[0]))
	}
}
