package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"passerelles/accounts"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/embedded"
	"passerelles/posts"
	"passerelles/server"
)

const patience = 5 * time.Minute

var built bool

// program is the path of the built binary.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "passerelles-bench-")
	if err != nil {
		return "", err
	}
	built = true
	path := filepath.Join(dir, "passerelles")
	out, err := exec.Command("go", "build", "-o", path, "passerelles/cmd/passerelles").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// house is one server as its administrator would run it, with PostgreSQL that
// forces each commit to the disk, a real Redis, and a way in beside it.
type house struct {
	t       testing.TB
	origin  string
	address string
	dir     string
	ca      *authority
	metrics string

	inside   *server.Server // the same database, in this process: to publish
	services *embedded.Services
	served   *exec.Cmd
	log      *bytes.Buffer
	ended    chan struct{}
	postgres int // pids
	redis    int
	store    *redis.Client

	writer    accounts.Member
	community communities.Community
	scope     string // of what is published; "": public
}

// newHouse makes a server with one member and one community, and serves it.
func newHouse(t testing.TB, crowds func(ca *authority) []*crowd) *house {
	t.Helper()
	dir, err := os.MkdirTemp("", "passerelles-bench-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a leftover in the temporary folder harms nobody
	h := &house{t: t, dir: dir, ca: newAuthority(t, dir), address: "127.0.0.1:" + freePort(t), metrics: "127.0.0.1:" + freePort(t)}
	h.origin = "https://" + h.address
	ports := []string{}
	if crowds != nil {
		for _, c := range crowds(h.ca) {
			ports = append(ports, strconv.Itoa(c.port))
		}
	}
	services, err := embedded.Start(t.Context(), dir, embedded.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	services = h.counting(services)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_ = services.Stop(ctx) // by force if need be
	})
	h.open(services, ports)
	h.serve(services, ports)
	return h
}

// open joins the parts in this process, and makes what every measure needs.
func (h *house) open(services *embedded.Services, ports []string) {
	h.t.Helper()
	cfg := config.Default()
	cfg.Origin, cfg.Data, cfg.DatabaseURL, cfg.RedisURL = h.origin, h.dir, services.DatabaseURL, services.RedisURL
	cfg.AllowNetworks = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	cfg.DatabaseConns, cfg.PostsAnHour = 4, 0
	for _, p := range ports {
		n, err := strconv.ParseUint(p, 10, 16)
		if err != nil {
			h.t.Fatal(err)
		}
		cfg.AllowPorts = append(cfg.AllowPorts, uint16(n))
	}
	var err error
	if h.inside, err = server.Open(h.t.Context(), cfg, server.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = h.inside.Close() }) // nothing of it is kept
	h.writer, err = h.inside.Accounts.Create(h.t.Context(), accounts.New{
		Name: "ana_bench", Email: "ana@bench.example", Password: "correct horse battery", Title: "Ana",
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.community, err = h.inside.Communities.Create(h.t.Context(), communities.New{
		Name: "makers_bench", Title: "Les makers", Animator: h.writer.ID, Source: "Ce qui se fabrique, se répare et se partage.",
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.services = services
	h.find(services)
}

// find learns which processes are PostgreSQL and Redis.
func (h *house) find(services *embedded.Services) {
	h.t.Helper()
	text, err := os.ReadFile(filepath.Join(h.dir, "postgres", "postmaster.pid"))
	if err != nil {
		h.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	if h.postgres, err = strconv.Atoi(first); err != nil {
		h.t.Fatal(err)
	}
	socket, found := strings.CutPrefix(services.RedisURL, "redis-socket://")
	if !found {
		h.t.Fatalf("a real Redis is needed, not %s: run apt-get install redis-server", services.RedisURL)
	}
	socket, _, _ = strings.Cut(socket, "?")
	h.store = redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	h.t.Cleanup(func() { _ = h.store.Close() }) // with its server
	if h.redis, err = strconv.Atoi(h.info("process_id")); err != nil {
		h.t.Fatal(err)
	}
}

// info asks Redis for one of its figures.
func (h *house) info(name string) string {
	h.t.Helper()
	all, err := h.store.Info(h.t.Context()).Result()
	if err != nil {
		h.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(all, "\n"+name+":")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

func (h *house) serve(services *embedded.Services, ports []string) {
	h.t.Helper()
	path, err := program()
	if err != nil {
		h.t.Fatal(err)
	}
	certificate, key := h.ca.write(h.t, h.dir, "127.0.0.1")
	h.served, h.log, h.ended = exec.Command(path, "serve"), &bytes.Buffer{}, make(chan struct{})
	h.served.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + h.dir,
		"PASSERELLES_ORIGIN=" + h.origin, "PASSERELLES_LISTEN=" + h.address, "PASSERELLES_DATA=" + h.dir,
		"PASSERELLES_TLS_CERT=" + certificate, "PASSERELLES_TLS_KEY=" + key, "SSL_CERT_FILE=" + h.ca.file,
		"PASSERELLES_METRICS_LISTEN=" + h.metrics, "PASSERELLES_LOG_LEVEL=warn", "PASSERELLES_POSTS_AN_HOUR=0", "PASSERELLES_APP_CALLS=0",
		"PASSERELLES_ALLOW_NETWORKS=127.0.0.0/8", "PASSERELLES_ALLOW_PORTS=" + strings.Join(ports, ","),
		"DATABASE_URL=" + services.DatabaseURL, "REDIS_URL=" + services.RedisURL,
	}
	h.served.Stdout, h.served.Stderr = h.log, h.log
	if err := h.served.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() {
		defer close(h.ended)
		_ = h.served.Wait() // ended by the signal below
	}()
	h.t.Cleanup(func() {
		_ = h.served.Process.Signal(syscall.SIGTERM) // it may have ended
		select {
		case <-h.ended:
		case <-time.After(time.Minute):
			_ = h.served.Process.Kill()
			<-h.ended
		}
		if h.log.Len() > 0 {
			said := h.log.String()
			h.t.Logf("the server said:\n%s", said[:min(len(said), 4000)])
		}
	})
	client := h.client()
	h.await("the server answers", func() bool {
		response, err := client.Get(h.origin + "/readyz")
		return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
	})
	client.CloseIdleConnections()
}

func (h *house) roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(h.ca.certificate)
	return roots
}

func (h *house) client() *http.Client {
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: h.roots()}}}
}

// await waits until something holds.
func (h *house) await(what string, holds func() bool) {
	h.t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("waited in vain until %s", what)
		}
		select {
		case <-h.ended:
			h.t.Fatalf("the server ended: %s", h.log)
		default:
		}
	}
}

// exec runs a statement for the stage, not for the play.
func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.inside.DB.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%v: %s", err, sql)
	}
}

// fill is exec for very many rows: it takes its time, and the rows are not checked against others.
func (h *house) fill(sql string, args ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.services.DatabaseURL)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close(h.t.Context())
	for _, first := range []string{"SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'"} {
		if _, err := conn.Exec(h.t.Context(), first); err != nil {
			h.t.Fatal(err)
		}
	}
	if _, err := conn.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%v: %s", err, sql)
	}
}

// number asks the database for one.
func (h *house) number(sql string, args ...any) (n int64) {
	h.t.Helper()
	if err := h.inside.DB.QueryRow(h.t.Context(), sql, args...).Scan(&n); err != nil {
		h.t.Fatalf("%v: %s", err, sql)
	}
	return n
}

// publish posts in the community.
func (h *house) publish(n int) {
	h.t.Helper()
	for i := range n {
		_, err := h.inside.Posts.Publish(h.t.Context(), h.writer.ID, posts.Draft{
			Community: h.community.Actor.ID, Scope: h.scope, Title: fmt.Sprintf("Atelier de réparation %d", i),
			Text: "Samedi, *apportez* vos outils et ce qui est brisé. On répare ensemble, de 10 h à midi.\n\nUn café est offert.",
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// profile writes what the server's processor does during a measure, if asked.
func (h *house) profile(name string, seconds int) (wait func()) {
	if *profiles == "" {
		return func() {}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		response, err := http.Get(fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", h.metrics, seconds))
		if err != nil {
			h.t.Log(err)
			return
		}
		defer response.Body.Close()
		file, err := os.Create(filepath.Join(*profiles, name+".pprof"))
		if err != nil {
			h.t.Log(err)
			return
		}
		defer file.Close()
		_, _ = io.Copy(file, response.Body) // a short profile shows itself
	})
	return wg.Wait
}
