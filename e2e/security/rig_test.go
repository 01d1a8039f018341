package security

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/server"
	"passerelles/storage/storagetest"
)

// patience is how long what must come may take; most comes at once.
const patience = 20 * time.Second

// Servers and peers live in 127.66.0.0/16, which stands for the Internet. The rest
// of the loopback stays what it is: private, and closed to our server.
const internet = "127.66.0.0/16"

// TestMain has the system trust the authority of this run: there is no setting for it.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "passerelles-security-")
	if err != nil {
		panic(err)
	}
	file := filepath.Join(dir, "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: authority().Certificate[0]}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		panic(err)
	}
	os.Setenv("SSL_CERT_FILE", file)
	code := m.Run()
	_ = os.RemoveAll(dir) // a leftover in the temporary folder harms nobody
	os.Exit(code)
}

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

var addresses atomic.Uint32

// listen gives a TLS listener on an address of its own, and its origin.
func listen(t testing.TB) (net.Listener, string) {
	t.Helper()
	n := addresses.Add(1)
	ip := net.IPv4(127, 66, byte(n>>8), byte(n))
	plain, err := net.Listen("tcp", net.JoinHostPort(ip.String(), "0"))
	if err != nil {
		t.Fatal(err)
	}
	ca := authority()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(int64(n) + 1), IPAddresses: []net.IP{ip},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}, ca.Leaf, key.Public(), ca.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return tls.NewListener(plain, &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
	}), "https://" + plain.Addr().String()
}

// town is a server of ours that runs, with Ana, a member, who follows nobody yet,
// and her open community, makers.
type town struct {
	*server.Server
	t      testing.TB
	origin string
	host   string
	ahead  atomic.Int64 // by how much its clock is moved
	http   *http.Client
	ana    accounts.Member
	token  string // with which a script of Ana's asks
	makers communities.Community
	log    *logged
}

func (w *town) now() time.Time                 { return time.Now().Add(time.Duration(w.ahead.Load())) }
func (w *town) pass(d time.Duration)           { w.ahead.Add(int64(d)) }
func (w *town) actor(id int64) string          { return w.IRIs.Actor(id) }
func (w *town) ctx() context.Context           { return w.t.Context() }
func (w *town) anaIRI() string                 { return w.actor(int64(w.ana.ID)) }
func (w *town) makersIRI() string              { return w.makers.Actor.IRI }
func (w *town) request(r *http.Request) answer { return ask(w.t, w.http, r) }

// newTown runs a server until the test ends. Few people write all that is tried.
func newTown(t testing.TB, change ...func(*config.Config)) *town {
	t.Helper()
	listener, origin := listen(t)
	w := &town{t: t, origin: origin, host: strings.TrimPrefix(origin, "https://"), http: browser(), log: &logged{}}
	cfg := config.Default()
	cfg.Origin, cfg.Data, cfg.MetricsListen = origin, t.TempDir(), ""
	cfg.DatabaseURL, cfg.RedisURL, cfg.DatabaseConns = storagetest.URL(t), storagetest.Redis(t), 8
	cfg.Slots, cfg.SlowSlots, cfg.InboxWorkers = 8, 4, 4
	cfg.AllowNetworks, cfg.AllowPorts = []netip.Prefix{netip.MustParsePrefix(internet)}, ephemeral()
	cfg.PostsAnHour = 0
	for _, c := range change {
		c(&cfg)
	}
	var err error
	w.Server, err = server.Open(t.Context(), cfg, server.Options{
		Now: w.now, Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.ServeOn(ctx, listener) }()
	t.Cleanup(func() {
		w.http.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended: %v", err)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("its log:\n%s", w.log)
		}
	})
	w.settle()
	return w
}

func (w *town) settle() {
	w.t.Helper()
	var err error
	w.ana, err = w.Accounts.Create(w.ctx(), accounts.New{Name: "ana", Email: "ana@example.org", Password: "correct horse battery"})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.token, err = w.Accounts.IssueToken(w.ctx(), acts.By{}, w.ana.ID, "test", 0); err != nil {
		w.t.Fatal(err)
	}
	w.makers, err = w.Communities.Create(w.ctx(), communities.New{Name: "makers", Title: "Makers", Animator: w.ana.ID})
	if err != nil {
		w.t.Fatal(err)
	}
}

// ephemeral are the ports that the system gives; those of services are not among them.
func ephemeral() (ports []uint16) {
	for p := 32768; p < 61000; p++ {
		ports = append(ports, uint16(p))
	}
	return ports
}

// browser trusts our authority, keeps connections, and follows nothing.
func browser() *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(authority().Leaf)
	return &http.Client{
		Timeout:       patience,
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is what came back.
type answer struct {
	*http.Response
	text string
}

func ask(t testing.TB, client *http.Client, r *http.Request) answer {
	t.Helper()
	res, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res, string(body)}
}

// get asks for a page as Ana, or with asAna false as anybody.
func (w *town) get(path string, asAna bool) answer {
	w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, w.origin+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if asAna {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	return w.request(r)
}

// number reads one number.
func (w *town) number(sql string, args ...any) (n int) {
	w.t.Helper()
	if err := w.DB.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// rows counts what an activity could have changed.
func (w *town) rows() string {
	w.t.Helper()
	var all strings.Builder
	for _, table := range []string{"received", "posts", "post_versions", "likes", "tombstones", "follows", "activities", "memberships"} {
		fmt.Fprintf(&all, "%s %d; ", table, w.number("SELECT count(*) FROM "+table))
	}
	return all.String()
}

// outcome waits until an activity was dealt with, and says how.
func (w *town) outcome(iri string) (outcome string) {
	w.t.Helper()
	w.await(iri+" is dealt with", func() bool {
		return w.number(`SELECT count(*) FROM inbox_queue AS q JOIN received AS r ON r.id = q.received WHERE r.iri = $1`, iri) == 0
	})
	if err := w.DB.QueryRow(w.ctx(), `SELECT outcome FROM received WHERE iri = $1 ORDER BY id DESC LIMIT 1`, iri).Scan(&outcome); err != nil {
		w.t.Fatalf("outcome of %s: %v", iri, err)
	}
	return outcome
}

// await waits until something holds, looking now and then.
func (w *town) await(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("waited in vain until %s\n%s", what, w.log)
		}
	}
}

// logged keeps what the server said.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
