package inbox

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/history"
	"passerelles/moderation"
	"passerelles/outbox"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// clock stands still until it is moved.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2026, 3, 14, 15, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time        { return time.Unix(0, c.at.Load()).UTC() }
func (c *clock) move(by time.Duration) { c.at.Add(int64(by)) }

// authority signs the certificates of the servers of all tests.
var authority = sync.OnceValue(func() *tls.Certificate {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	der, _ := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	leaf, _ := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
})

// serve runs a server of its own address on the loopback.
func serve(t testing.TB, handler http.Handler) *httptest.Server {
	t.Helper()
	ip := net.IPv4(127, 0, byte(hosts.Add(1)>>8), byte(hosts.Load()))
	listener, err := net.Listen("tcp", net.JoinHostPort(ip.String(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	ca := authority()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(int64(hosts.Load()) + 1), IPAddresses: []net.IP{ip},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}, ca.Leaf, key.Public(), ca.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(handler)
	s.Listener.Close()
	s.Listener = listener
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

var hosts atomic.Uint32

func init() { hosts.Store(10) }

func roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(authority().Leaf)
	return pool
}

// everyPort is where peers of a test may listen.
func everyPort() []uint16 {
	ports := make([]uint16, 0, 1<<16)
	for p := 1024; p < 1<<16; p++ {
		ports = append(ports, uint16(p))
	}
	return ports
}

// town is a server of ours with Ana, a member, and Makers, an open community.
type town struct {
	*Inbox
	t       testing.TB
	clock   *clock
	db      *storage.DB
	server  *httptest.Server
	ana     accounts.Member
	anaIRI  string
	makers  communities.Community
	counted sync.Map
	http    *http.Client
}

func newTown(t testing.TB) *town { return newTownWith(t, func(*Options) {}) }

func newTownWith(t testing.TB, change func(*Options)) *town {
	t.Helper()
	w := &town{t: t, clock: newClock(), db: storagetest.New(t)}
	router := mux.NewRouter()
	w.server = serve(t, router)
	w.http = &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots()}, MaxIdleConnsPerHost: 64,
	}, Timeout: 20 * time.Second}
	iris := federation.IRIs{Origin: w.server.URL}
	var directory *actors.Directory
	client := federation.NewClient(federation.Options{
		Origin: iris.Origin, UserAgent: "test", AllowPorts: everyPort(), Roots: roots(), Now: w.clock.now,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		SignAs: func(ctx context.Context) (federation.PrivateKey, error) {
			a, err := directory.Application(ctx)
			if err != nil {
				return federation.PrivateKey{}, err
			}
			return directory.Key(ctx, a.ID)
		},
	})
	directory = actors.New(actors.Options{
		DB: w.db, Client: client, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: w.clock.now,
	})
	groups := communities.NewService(communities.Options{DB: w.db, Directory: directory, IRIs: iris, Now: w.clock.now})
	directory.OnGroup(groups.LearnThemes)
	o := Options{
		DB: w.db, Directory: directory, Client: client, Hosts: access.NewHosts(w.db, w.clock.now),
		Accounts:    accounts.NewService(accounts.Options{DB: w.db, Directory: directory, IRIs: iris, Now: w.clock.now}),
		Communities: groups,
		Posts: posts.NewService(posts.Options{
			DB: w.db, Directory: directory, Communities: groups, Client: client, IRIs: iris, Now: w.clock.now,
		}),
		IRIs: iris, Now: w.clock.now,
		Courier: outbox.NewCourier(outbox.Options{DB: w.db, Directory: directory, Client: client, Now: w.clock.now}),
		Counted: func(outcome, kind string) {
			n, _ := w.counted.LoadOrStore(outcome, new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
		},
	}
	o.Moderation = moderation.NewService(moderation.Options{DB: w.db, Directory: directory, Communities: groups, Posts: o.Posts,
		IRIs: iris, Now: w.clock.now})
	o.History = history.NewService(history.Options{
		DB: w.db, Directory: directory, Client: client, Posts: o.Posts, Communities: groups, IRIs: iris, Now: w.clock.now,
	})
	change(&o)
	w.Inbox = New(o)
	w.Routes(router, func(h http.HandlerFunc) http.HandlerFunc { return h })
	w.settle()
	return w
}

// settle makes who lives here.
func (w *town) settle() {
	w.t.Helper()
	ctx := context.Background()
	if _, err := w.Directory.EnsureServer(ctx); err != nil {
		w.t.Fatal(err)
	}
	var err error
	if w.ana, err = w.Accounts.Create(ctx, accounts.New{Name: "ana", Email: "ana@example.org", Password: "correct horse battery"}); err != nil {
		w.t.Fatal(err)
	}
	w.anaIRI = w.IRIs.Actor(int64(w.ana.ID))
	if w.makers, err = w.Communities.Create(ctx, communities.New{Name: "makers", Title: "Makers", Animator: w.ana.ID}); err != nil {
		w.t.Fatal(err)
	}
}

// drain applies all that waits, also what was put off for an instant.
func (w *town) drain() {
	w.t.Helper()
	for range 3 {
		if err := w.Drain(context.Background()); err != nil {
			w.t.Fatal(err)
		}
		w.clock.move(time.Second)
		if w.number(`SELECT count(*) FROM inbox_queue`) == 0 {
			return
		}
	}
}

// outcome is what became of an activity, and why; "" while it waits.
func (w *town) outcome(iri string) (outcome, reason string) {
	w.t.Helper()
	err := w.db.QueryRow(context.Background(), `
		SELECT CASE WHEN EXISTS (SELECT FROM inbox_queue WHERE received = id) THEN '' ELSE outcome END, reason
		FROM received
		WHERE iri = $1
		ORDER BY id DESC
		LIMIT 1`, iri).Scan(&outcome, &reason)
	if err != nil {
		w.t.Fatalf("outcome of %s: %v", iri, err)
	}
	return outcome, reason
}

// number reads one number.
func (w *town) number(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// rows counts the rows of each table, to see that nothing changed.
func (w *town) rows() string {
	w.t.Helper()
	var all strings.Builder
	for _, table := range []string{
		"received", "inbox_queue", "undone", "posts", "likes", "tombstones", "follows", "actors", "activities", "deliveries", "memberships",
	} {
		fmt.Fprintf(&all, "%s %d; ", table, w.number("SELECT count(*) FROM "+table))
	}
	return all.String()
}

// peer is another server, scripted by path.
type peer struct {
	*httptest.Server
	t    testing.TB
	mu   sync.Mutex
	docs map[string]any // path → what is shown, its status, or who answers
	hits map[string]int
}

func newPeer(t testing.TB) *peer {
	t.Helper()
	p := &peer{t: t, docs: map[string]any{}, hits: map[string]int{}}
	p.Server = serve(t, p)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.hits[r.URL.Path]++
	doc, found := p.docs[r.URL.Path]
	p.mu.Unlock()
	if !found {
		http.NotFound(w, r)
		return
	}
	switch doc := doc.(type) {
	case int:
		w.WriteHeader(doc)
	case http.HandlerFunc:
		doc(w, r)
	default:
		w.Header().Set("Content-Type", vocab.MediaType)
		_ = json.NewEncoder(w).Encode(doc)
	}
}

// shows scripts a path: a document, or a status.
func (p *peer) shows(path string, doc any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[path] = doc
}

func (p *peer) asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits[path]
}

// object is a JSON document.
type object = map[string]any

// remote is somebody on a peer.
type remote struct {
	*peer
	IRI string
	key federation.PrivateKey
	doc object
}

// keys are made once: they cost much and tests need many.
var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	list := make([]*rsa.PrivateKey, 8)
	for i := range list {
		list[i], _ = federation.NewRSAKey()
	}
	return list
})

var nextKey atomic.Uint32

func (p *peer) lives(kind, name string) *remote {
	p.t.Helper()
	iri := p.URL + "/u/" + name
	private := keys()[int(nextKey.Add(1))%len(keys())]
	pem, err := federation.PublicPEM(private.Public())
	if err != nil {
		p.t.Fatal(err)
	}
	r := &remote{peer: p, IRI: iri, key: federation.PrivateKey{ID: iri + "#main-key", Signer: private}}
	r.doc = object{
		"@context": []any{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       iri, "type": kind, "preferredUsername": name, "name": name,
		"inbox": iri + "/inbox", "outbox": iri + "/outbox", "followers": iri + "/followers",
		"endpoints": object{"sharedInbox": p.URL + "/inbox"},
		"publicKey": object{"id": iri + "#main-key", "owner": iri, "publicKeyPem": pem},
	}
	p.shows("/u/"+name, r.doc)
	return r
}

func (p *peer) person(name string) *remote { return p.lives("Person", name) }
func (p *peer) group(name string) *remote  { return p.lives("Group", name) }

var ids atomic.Int64

// does makes an activity of an actor.
func (r *remote) does(kind string, what any) object {
	return object{
		"@context": "https://www.w3.org/ns/activitystreams",
		"id":       r.URL + "/activities/" + strconv.FormatInt(ids.Add(1), 10),
		"type":     kind, "actor": r.IRI, "object": what,
		"to": []string{vocab.Public},
	}
}

// note makes a public note and shows it.
func (r *remote) note(text string, more ...object) object {
	path := "/notes/" + strconv.FormatInt(ids.Add(1), 10)
	n := object{
		"@context": "https://www.w3.org/ns/activitystreams",
		"id":       r.URL + path, "type": "Note", "attributedTo": r.IRI, "content": "<p>" + text + "</p>",
		"to": []string{vocab.Public}, "cc": []string{r.IRI + "/followers"}, "published": "2026-03-14T12:00:00Z",
	}
	for _, m := range more {
		for k, v := range m {
			n[k] = v
		}
	}
	r.shows(path, n)
	return n
}

// request makes a signed request that posts an activity.
func (r *remote) request(w *town, path string, activity any) *http.Request {
	r.t.Helper()
	body, isBytes := activity.([]byte)
	if !isBytes {
		var err error
		if body, err = json.Marshal(activity); err != nil {
			r.t.Fatal(err)
		}
	}
	req, err := http.NewRequest(http.MethodPost, w.server.URL+path, bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", vocab.MediaType)
	if err := federation.Sign(req, body, r.key, w.clock.now()); err != nil {
		r.t.Fatal(err)
	}
	return req
}

// posts sends an activity and gives the status.
func (r *remote) posts(w *town, activity any) int {
	r.t.Helper()
	return w.answer(r.request(w, "/inbox", activity)).StatusCode
}

// tells sends an activity that must be taken, and applies it.
func (r *remote) tells(w *town, activity object) {
	r.t.Helper()
	if got := r.posts(w, activity); got != http.StatusAccepted {
		r.t.Fatalf("%v of %s: got %d, want 202", activity["type"], r.IRI, got)
	}
	w.drain()
}

type answer struct {
	*http.Response
	line string
}

func (w *town) answer(r *http.Request) answer {
	w.t.Helper()
	res, err := w.http.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{res, string(body)}
}

func must(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return body
}
