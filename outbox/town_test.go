package outbox

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/federation"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// clock is a time that only the test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// peer is another server with one shared inbox.
type peer struct {
	*httptest.Server
	host, inbox int64
	name        string

	mu       sync.Mutex
	got      []string // bodies, in order of arrival
	requests []*http.Request
	answers  func(n int, body string) (status int, after string) // n counts from 0; nil: 202
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	n := len(p.got)
	p.got = append(p.got, string(body))
	p.requests = append(p.requests, r)
	answers := p.answers
	p.mu.Unlock()
	status, after := http.StatusAccepted, ""
	if answers != nil {
		status, after = answers(n, string(body))
	}
	if after != "" {
		w.Header().Set("Retry-After", after)
	}
	w.WriteHeader(status)
}

func (p *peer) received() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.got...)
}

func (p *peer) answer(answers func(n int, body string) (int, string)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = answers
}

func always(status int) func(int, string) (int, string) {
	return func(int, string) (int, string) { return status, "" }
}

// town is a server of ours with one group, and peers that follow it.
type town struct {
	*Courier
	clock  *clock
	group  actors.Actor
	peers  []*peer
	dir    *actors.Directory
	client *federation.Client
	posts  int
}

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newTown makes a town whose group is followed from so many peers; its client may be
// made otherwise.
func newTown(t testing.TB, peers int, change ...func(*federation.Options)) *town {
	t.Helper()
	w := &town{clock: &clock{now: start}}
	db := storagetest.New(t)
	w.Courier = &Courier{db: db}
	roots, ports := x509.NewCertPool(), []uint16{}
	for range peers {
		p := &peer{}
		p.Server = httptest.NewTLSServer(p)
		t.Cleanup(p.Close)
		roots.AddCert(p.Certificate())
		u, err := url.Parse(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, uint16(port))
		p.name = u.Host
		w.peers = append(w.peers, p)
	}
	o := federation.Options{
		Origin: "https://here.example", UserAgent: "test", Now: w.clock.Now, Roots: roots,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowPorts: ports,
	}
	for _, f := range change {
		f(&o)
	}
	w.client = federation.NewClient(o)
	w.dir = actors.New(actors.Options{
		DB: db, Client: w.client, IRIs: federation.IRIs{Origin: "https://here.example"},
		Secret: make([]byte, 32), Now: w.clock.Now,
	})
	w.Courier = w.courier(db)
	err := db.Write(t.Context(), func(tx storage.Tx) (err error) {
		w.group, err = w.dir.CreateLocal(t.Context(), tx, actors.NewLocal{Kind: actors.Group, Name: "makers"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range w.peers {
		w.follow(t, i, p)
	}
	return w
}

func (w *town) courier(db *storage.DB) *Courier {
	return NewCourier(Options{
		DB: db, Directory: w.dir, Client: w.client, Hosts: access.NewHosts(db, w.clock.Now), Now: w.clock.Now,
		Log: slog.New(slog.DiscardHandler),
	})
}

// follow writes the peer, its inbox, and somebody there who follows the group.
func (w *town) follow(t testing.TB, i int, p *peer) {
	t.Helper()
	p.host, p.inbox = addInbox(t, w.db, p.name, p.URL+"/inbox")
	addFollower(t, w.db, int64(i)+1, w.group.ID, p.host, p.inbox)
}

func addInbox(t testing.TB, db *storage.DB, host, inbox string) (hostID, inboxID int64) {
	t.Helper()
	one(t, db, &hostID, `
		INSERT INTO hosts (name) VALUES ($1)
		ON CONFLICT (name) DO UPDATE SET name = excluded.name
		RETURNING id`, host)
	one(t, db, &inboxID, `INSERT INTO inboxes (host, url, shared) VALUES ($1, $2, true) RETURNING id`, hostID, inbox)
	return hostID, inboxID
}

func addFollower(t testing.TB, db *storage.DB, id int64, followee actors.ID, host, inbox int64) {
	t.Helper()
	run(t, db, `
		INSERT INTO actors (id, iri, kind, host, name, delivery, published, refreshed_at)
		VALUES ($1, 'https://remote.example/users/' || $1::bigint, 'person', $2, 'u' || $1::bigint, $3, $4, $4)`, id, host, inbox, start)
	run(t, db, `
		INSERT INTO follows (followee, follower, state, iri, delivery, asked_at)
		VALUES ($1, $2, 'accepted', 'https://remote.example/follows/' || $2::bigint, $3, $4)`, followee, id, inbox, start)
}

func run(t testing.TB, db *storage.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(context.Background(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func one(t testing.TB, db *storage.DB, into any, sql string, args ...any) {
	t.Helper()
	if err := db.QueryRow(context.Background(), sql, args...).Scan(into); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, db *storage.DB, sql string, args ...any) (n int) {
	t.Helper()
	one(t, db, &n, "SELECT count(*) FROM "+sql, args...)
	return n
}

// post sends an activity of a thread to the followers; its body is its name.
func (w *town) post(t testing.TB, thread int64) (body string) {
	t.Helper()
	w.posts++
	a := w.activity(fmt.Sprintf("thread %d, post %d", thread, w.posts), thread)
	w.send(t, Audience{FollowersOf: []actors.ID{w.group.ID}}, a)
	return string(a.Body)
}

func (w *town) activity(body string, thread int64) Activity {
	return Activity{
		IRI: "https://here.example/activities/" + url.PathEscape(body), Type: "Create", Actor: w.group.ID,
		Body: []byte(body), Thread: thread, Listed: true, Published: w.clock.Now(),
	}
}

func (w *town) send(t testing.TB, to Audience, forms ...Activity) {
	t.Helper()
	err := w.db.Write(t.Context(), func(tx storage.Tx) error { return Send(t.Context(), tx, to, forms...) })
	if err != nil {
		t.Fatal(err)
	}
}

// work rings and drains, one bell after the other, until nothing is due.
func (w *town) work(t testing.TB) {
	t.Helper()
	for range 1000 {
		bells, err := w.due(t.Context(), w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(bells) == 0 {
			return
		}
		for _, b := range bells {
			if err := w.Courier.answer(t.Context(), b.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatal("the lanes are rung for ever")
}

// until lets time pass until the host is awake, and a second more.
func (w *town) sleepOut(t testing.TB, p *peer) {
	t.Helper()
	var until time.Time
	one(t, w.db, &until, `SELECT coalesce(resting_until, $2) FROM host_states WHERE host = $1`, p.host, w.clock.Now())
	w.clock.Advance(until.Sub(w.clock.Now()) + 2*time.Second)
}
