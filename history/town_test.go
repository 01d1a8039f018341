package history

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// clock stands still until it is moved.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time        { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) move(by time.Duration) { c.at.Add(int64(by)) }

// town is a server of ours, with Ana, who lives there.
type town struct {
	*Service
	t     *testing.T
	clock *clock
	ana   actors.Actor
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, clock: &clock{}}
	w.clock.at.Store(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC).UnixNano())
	db, iris := storagetest.New(t), federation.IRIs{Origin: "https://town.example"}
	var dir *actors.Directory
	client := federation.NewClient(federation.Options{Origin: iris.Origin, UserAgent: "test", AllowPorts: everyPort(), Roots: roots(t),
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Now: w.clock.now,
		SignAs: func(ctx context.Context) (federation.PrivateKey, error) {
			a, err := dir.Application(ctx)
			if err != nil {
				return federation.PrivateKey{}, err
			}
			return dir.Key(ctx, a.ID)
		}})
	dir = actors.New(actors.Options{DB: db, Client: client, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: w.clock.now})
	_, err := dir.EnsureServer(t.Context())
	w.check(err)
	groups := communities.NewService(communities.Options{DB: db, Directory: dir, IRIs: iris, Now: w.clock.now})
	w.Service = NewService(Options{DB: db, Directory: dir, Client: client, Communities: groups, IRIs: iris, Now: w.clock.now,
		Posts: posts.NewService(posts.Options{DB: db, Directory: dir, Communities: groups, Client: client, IRIs: iris, Now: w.clock.now})})
	w.write(func(tx storage.Tx) (err error) {
		w.ana, err = dir.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: actors.Person, Name: "ana"})
		return err
	})
	return w
}

func (w *town) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) write(do func(tx storage.Tx) error) {
	w.t.Helper()
	w.check(w.DB.Write(w.t.Context(), do))
}

// everyPort is where peers of a test may listen.
func everyPort() []uint16 {
	ports := make([]uint16, 0, 1<<16)
	for p := 1024; p < 1<<16; p++ {
		ports = append(ports, uint16(p))
	}
	return ports
}

// roots trust what httptest signs: it has one certificate.
func roots(t *testing.T) *x509.CertPool {
	s := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// finds resolves an actor of a peer, as Ana does when she looks for it.
func (w *town) finds(p *peer, path string) actors.Actor {
	w.t.Helper()
	a, err := w.Directory.Resolve(w.t.Context(), p.URL+path)
	w.check(err)
	return a
}

// follows makes Ana a follower, as if the other side had accepted.
func (w *town) follows(a actors.Actor) {
	w.t.Helper()
	w.write(func(tx storage.Tx) error {
		err := w.Directory.SetFollow(w.t.Context(), tx, actors.Follow{Followee: a.ID, Follower: w.ana.ID,
			State: actors.Accepted, IRI: "https://town.example/f/" + a.Name})
		if err != nil {
			return err
		}
		return w.Followed(w.t.Context(), tx, a)
	})
}

// works does the jobs that are due, as the engine would, until none is.
func (w *town) works() {
	w.t.Helper()
	for {
		rows, _ := w.DB.Query(w.t.Context(), `DELETE FROM jobs WHERE kind = 'history' AND due_at <= $1 RETURNING key`, w.clock.now())
		due, err := pgx.CollectRows(rows, pgx.RowTo[string])
		w.check(err)
		if len(due) == 0 {
			return
		}
		for _, host := range due {
			w.check(w.work(w.t.Context(), jobs.Job{Key: host}))
		}
	}
}

// number reads one number.
func (w *town) number(sql string, args ...any) (n int) {
	w.t.Helper()
	w.check(w.DB.QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

// shown are the posts that strangers see, as the last part of their ids, oldest first:
// with a * where their community shows them, and after a reply what it answers.
func (w *town) shown() []string {
	w.t.Helper()
	rows, _ := w.DB.Query(w.t.Context(), `
		SELECT regexp_replace(p.iri, '^.*[/=]', '') || CASE WHEN p.announced THEN '*' ELSE '' END
			|| coalesce('>' || regexp_replace(q.iri, '^.*[/=]', ''), '')
		FROM posts p
		LEFT JOIN posts q ON q.id = p.parent
		WHERE `+access.Visible("p")+`
		ORDER BY p.id`, pgx.NamedArgs{"reader": int64(0)})
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	w.check(err)
	return all
}

func (w *town) wantShown(want ...string) {
	w.t.Helper()
	if got := w.shown(); !slices.Equal(got, want) {
		w.t.Errorf("shown: %q, want %q", got, want)
	}
	if n := w.number(`SELECT count(*) FROM wanted`); n > 0 {
		w.t.Errorf("%d things are still wanted", n)
	}
}

// peer is another server, scripted by path and query.
type peer struct {
	*httptest.Server
	mu     sync.Mutex
	pages  map[string]http.HandlerFunc
	hits   map[string]int
	total  int
	inside atomic.Int32
	most   int32 // asked at once
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{pages: map[string]http.HandlerFunc{}, hits: map[string]int{}}
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	inside := p.inside.Add(1)
	defer p.inside.Add(-1)
	p.mu.Lock()
	p.most = max(p.most, inside)
	p.hits[r.URL.RequestURI()]++
	if !strings.HasPrefix(r.URL.Path, "/.well-known/") {
		p.total++
	}
	page := p.pages[r.URL.RequestURI()]
	p.mu.Unlock()
	if page == nil {
		page = http.NotFound
	}
	page(w, r)
}

// shows scripts a path: a document, a status, or what answers.
func (p *peer) shows(path string, what any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch what := what.(type) {
	case int:
		p.pages[path] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(what) }
	case func(http.ResponseWriter, *http.Request):
		p.pages[path] = what
	default:
		p.pages[path] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", vocab.MediaType)
			body, _ := json.Marshal(what)
			_, _ = w.Write(bytes.ReplaceAll(body, []byte("PEER"), []byte(p.URL)))
		}
	}
}

func (p *peer) asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

// like is a peer that answers as some software does; OTHER stands for another one.
func like(t *testing.T, software string, other ...*peer) *peer {
	t.Helper()
	text, err := os.ReadFile("testdata/" + software + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if len(other) > 0 {
		text = bytes.ReplaceAll(text, []byte("OTHER"), []byte(other[0].URL))
	}
	var documents map[string]any
	if err := json.Unmarshal(text, &documents); err != nil {
		t.Fatal(err)
	}
	p := newPeer(t)
	for path, document := range documents {
		p.shows(path, document)
	}
	return p
}

// object is a JSON document.
type object = map[string]any

const activityStreams = "https://www.w3.org/ns/activitystreams"

// person makes somebody who lives on the peer and shows this outbox.
func (p *peer) person(name string, outbox any) { p.lives("Person", name, outbox) }

func (p *peer) lives(kind, name string, outbox any) {
	p.shows("/"+name, object{"@context": activityStreams, "id": "PEER/" + name, "type": kind, "preferredUsername": name,
		"inbox": "PEER/" + name + "/inbox", "outbox": "PEER/" + name + "/outbox", "followers": "PEER/" + name + "/followers"})
	p.shows("/"+name+"/outbox", outbox)
}

var days atomic.Int64

// note makes a public post of una, one day later than the one before, and shows it.
func (p *peer) note(name string, more object) object {
	n := object{"@context": activityStreams, "id": "PEER/" + name, "type": "Note", "attributedTo": "PEER/una", "content": "<p>" + name + "</p>",
		"to": []string{vocab.Public}, "published": time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days.Add(1))).Format(time.RFC3339)}
	for k, v := range more {
		n[k] = v
	}
	p.shows("/"+name, n)
	return n
}

// created are una's Creates of posts.
func created(notes ...object) (items []any) {
	for _, n := range notes {
		items = append(items, object{"id": fmt.Sprint(n["id"], "/create"), "type": "Create", "actor": "PEER/una", "object": n})
	}
	return items
}

func list(name string, items any, more ...object) object {
	c := object{"@context": activityStreams, "id": "PEER/" + name, "type": "OrderedCollection", "orderedItems": items}
	for _, m := range more {
		for k, v := range m {
			c[k] = v
		}
	}
	return c
}

// drip answers one byte at a time until whoever asked leaves.
func drip(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", vocab.MediaType)
	for r.Context().Err() == nil {
		fmt.Fprint(w, " ")
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(50 * time.Millisecond): // a peer that is slow on purpose
		}
	}
}

// flood answers ten megabytes.
func flood(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", vocab.MediaType)
	fmt.Fprintf(w, `{"type":"OrderedCollection","orderedItems":[%q]}`, strings.Repeat("x", 10<<20))
}
