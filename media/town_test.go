package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// town shows pictures of one other server, which answers what a test lays out.
type town struct {
	*Service
	t     *testing.T
	clock *clock
	dir   *actors.Directory
	peer  *peer
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{t: t, clock: &clock{now: time.Now()}, peer: newPeer(t)}
	db := storagetest.New(t)
	client := federation.NewClient(federation.Options{
		Origin: "https://town.example", UserAgent: "test", AllowHTTP: true, AllowPorts: everyPort(),
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
	})
	w.dir = actors.New(actors.Options{DB: db, Client: client, IRIs: federation.IRIs{Origin: "https://town.example"},
		Secret: bytes.Repeat([]byte{7}, 32), Now: w.clock.Now})
	if _, err := w.dir.EnsureServer(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Service = New(Options{DB: db, Client: client, Hosts: access.NewHosts(db, w.clock.Now), Folder: t.TempDir(),
		Key: bytes.Repeat([]byte{9}, 32), Room: 1 << 30, Now: w.clock.Now,
		Shelf: t.TempDir(), Files: Limits{Size: 1 << 20, Post: 3, Sum: 2 << 20, Member: 4 << 20}})
	return w
}

func everyPort() []uint16 {
	ports := make([]uint16, 0, 1<<16)
	for p := 1024; p < 1<<16; p++ {
		ports = append(ports, uint16(p))
	}
	return ports
}

// peer is another server.
type peer struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string]http.HandlerFunc
	hits  map[string]int
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{files: map[string]http.HandlerFunc{}, hits: map[string]int{}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		file := p.files[r.URL.Path]
		p.hits[r.URL.Path]++
		p.mu.Unlock()
		if file == nil {
			http.NotFound(w, r)
			return
		}
		file(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// has lays out an answer, and gives its address.
func (p *peer) has(path string, file http.HandlerFunc) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[path] = file
	return p.URL + path
}

func (p *peer) hitsOf(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

// says answers a content under a type that need not be true.
func says(contentType string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(content) // fails only if we left
	}
}

// wears has an actor elsewhere learned with an avatar, and gives that picture's name.
func (w *town) wears(name, url string) Ref {
	w.t.Helper()
	iri := "https://" + name + ".example/actor"
	a, err := w.dir.Learn(context.Background(), vocab.Actor{ID: iri, Type: "Person", PreferredUsername: name,
		Inbox: iri + "/inbox", Icon: vocab.Image{URL: url}, Image: vocab.Image{URL: url}, Raw: []byte(`{}`)})
	if err != nil {
		w.t.Fatal(err)
	}
	return Ref{Kind: Avatar, Owner: int64(a.ID)}
}

// posted puts a picture on a new post of an actor elsewhere.
func (w *town) posted(scope, url string) Ref {
	w.t.Helper()
	author := w.wears("writer", "")
	post := storage.NewID(w.clock.Now())
	err := w.DB.Write(context.Background(), func(tx storage.Tx) error {
		if _, err := tx.Exec(context.Background(), `
			INSERT INTO posts (id, iri, author, local, root, scope, content, published, arrived_at)
			VALUES ($1, $2, $3, false, $1, $4, '', $5, $5)`,
			post, fmt.Sprintf("https://writer.example/%d", post), author.Owner, scope, w.clock.Now()); err != nil {
			return err
		}
		_, err := tx.Exec(context.Background(), `
			INSERT INTO pictures (post, place, url, alt, blurhash, width, height)
			VALUES ($1, 0, $2, '', '', 0, 0)`, post, url)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return Ref{Kind: Picture, Owner: post}
}

// find reads the address that we write for a picture.
func (w *town) find(r Ref, url string) (Source, error) {
	return w.findAt(w.Address(r, url))
}

func (w *town) findAt(address string) (Source, error) {
	signature, ref, _ := strings.Cut(strings.TrimPrefix(address, Path), "/")
	return w.Find(context.Background(), signature, ref)
}

// opens gives what a visitor gets at an address that we wrote.
func (w *town) opens(r Ref, url string) (content []byte, mediaType string, err error) {
	src, err := w.find(r, url)
	if err != nil {
		return nil, "", err
	}
	c, err := w.Open(context.Background(), src)
	if err != nil {
		return nil, "", err
	}
	content, err = io.ReadAll(c)
	return content, c.Type, errors.Join(err, c.Close())
}

func (w *town) refuses(r Ref, url string, kind fault.Kind) {
	w.t.Helper()
	if content, _, err := w.opens(r, url); !fault.Is(err, kind) {
		w.t.Errorf("%d bytes, %v; want a fault of kind %d", len(content), err, kind)
	}
}

func (w *town) shows(r Ref, url string) []byte {
	w.t.Helper()
	content, _, err := w.opens(r, url)
	if err != nil || len(content) == 0 {
		w.t.Errorf("%d bytes, %v", len(content), err)
	}
	return content
}

func (w *town) number(query string) (n int64) {
	w.t.Helper()
	if err := w.DB.QueryRow(context.Background(), query).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}
