package outbox

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// BenchmarkSend records one activity for 20 hosts in a transaction that is
// rolled back, so that the disk is not what is measured.
func BenchmarkSend(b *testing.B) {
	for _, size := range []struct{ hosts, followers, forms int }{{20, 20, 1}, {20, 2000, 1}, {20, 2000, 30}, {1000, 1000, 1}} {
		b.Run(fmt.Sprintf("hosts=%d/followers=%d/forms=%d", size.hosts, size.followers, size.forms), func(b *testing.B) {
			w := newTown(b, 0)
			for i := range size.followers {
				name := fmt.Sprintf("h%d.example", i%size.hosts)
				if i < size.hosts {
					host, inbox := addInbox(b, w.db, name, "https://"+name+"/inbox")
					addFollower(b, w.db, int64(i)+1, w.group.ID, host, inbox)
					continue
				}
				var host, inbox int64
				one(b, w.db, &host, `SELECT id FROM hosts WHERE name = $1`, name)
				one(b, w.db, &inbox, `SELECT id FROM inboxes WHERE host = $1`, host)
				addFollower(b, w.db, int64(i)+1, w.group.ID, host, inbox)
			}
			run(b, w.db, "ANALYZE follows, inboxes, hosts, actors")
			body := make([]byte, 2000)
			to := Audience{FollowersOf: []actors.ID{w.group.ID}}
			err := w.db.Write(b.Context(), func(tx storage.Tx) error {
				i, here, there := 0, usage(b), backendTime(b, tx)
				defer func() {
					b.ReportMetric(float64((usage(b)-here).Microseconds())/float64(i), "µs_here/op")
					b.ReportMetric(float64((backendTime(b, tx)-there).Microseconds())/float64(i), "µs_pg/op")
				}()
				for b.Loop() {
					var forms []Activity
					for range size.forms {
						i++
						a := w.activity(strconv.Itoa(i), int64(i))
						a.Body = body
						forms = append(forms, a)
					}
					if err := Send(b.Context(), tx, to, forms...); err != nil {
						return err
					}
				}
				return errLost // rolls back
			})
			if !errors.Is(err, errLost) {
				b.Fatal(err)
			}
		})
	}
}

// crowd is many servers in one: a port each, a handler for all.
type crowd struct {
	ports    []uint16
	roots    *x509.CertPool
	answered atomic.Int64
	handle   func(host int, w http.ResponseWriter, r *http.Request)
}

func newCrowd(b *testing.B, n int) *crowd {
	b.Helper()
	c := &crowd{roots: x509.NewCertPool()}
	model := httptest.NewTLSServer(nil)
	certificate := model.TLS.Certificates[0]
	c.roots.AddCert(model.Certificate())
	model.Close()
	var wg sync.WaitGroup
	b.Cleanup(wg.Wait) // last: after the servers are closed
	for i := range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		c.ports = append(c.ports, uint16(l.Addr().(*net.TCPAddr).Port))
		server := &http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if c.handle != nil {
					c.handle(i, w, r)
				}
				w.WriteHeader(http.StatusAccepted)
				c.answered.Add(1)
			}),
			TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}},
		}
		wg.Go(func() { _ = server.ServeTLS(l, "", "") }) // says that it was closed
		b.Cleanup(func() { _ = server.Close() })
	}
	return c
}

// signaturesPerSecond measures R: what all processors could sign.
func signaturesPerSecond(b *testing.B) (r float64, each time.Duration) {
	b.Helper()
	key, err := federation.NewRSAKey()
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256([]byte("x"))
	var n atomic.Int64
	var wg sync.WaitGroup
	begun, used := time.Now(), usage(b)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for time.Since(begun) < time.Second {
				if _, err := key.Sign(rand.Reader, sum[:], crypto.SHA256); err != nil {
					b.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(n.Load()) / time.Since(begun).Seconds(), (usage(b) - used) / time.Duration(n.Load())
}

// BenchmarkFanOut sends 20 posts in a row to a thousand warm servers and tells
// the share of R. Some may be dead, slow, or say 503 once.
func BenchmarkFanOut(b *testing.B) {
	hosts, posts := 1000, 20
	if n, err := strconv.Atoi(os.Getenv("PASSERELLES_HOSTS")); err == nil {
		hosts = n
	}
	b.Run("healthy", func(b *testing.B) { fanOut(b, hosts, posts, 0, 0) })
	b.Run("tenth_dead_tenth_slow", func(b *testing.B) { fanOut(b, hosts, posts, hosts/10, hosts/10) })
}

func fanOut(b *testing.B, hosts, posts, dead, slow int) {
	crowd := newCrowd(b, hosts)
	var healthy, broken atomic.Int64
	var trouble atomic.Bool
	crowd.handle = func(host int, _ http.ResponseWriter, r *http.Request) {
		switch {
		case !trouble.Load() || host >= dead+slow:
			healthy.Add(1)
		case host < dead: // takes the connection and says nothing
			broken.Add(1)
			<-r.Context().Done()
		default:
			time.Sleep(5 * time.Second)
		}
	}
	w, engine := fanTown(b, crowd)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = engine.Run(ctx) }) // its errors are the broken benchmark's
	b.Cleanup(func() { cancel(); wg.Wait() })
	await := func(want int64) {
		for end := time.Now().Add(2 * time.Minute); healthy.Load() < want; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				list, err := Backlogs(ctx, w.db)
				b.Fatalf("%d of %d after two minutes; %+v %v", healthy.Load(), want, list, err)
			}
		}
	}
	w.post(b, 0) // warms
	engine.Poke("lane")
	begun := time.Now()
	await(int64(hosts))
	b.Logf("first contact: %v", time.Since(begun))
	for range b.N {
		healthy.Store(0)
		trouble.Store(true)
		before, each := signaturesPerSecond(b)
		begun, used, databases := time.Now(), usage(b), backendsTime(b, w.db)
		for i := range posts {
			w.post(b, int64(i))
			engine.Poke("lane")
		}
		want := int64((hosts - dead - slow) * posts)
		await(want)
		took, here, there := time.Since(begun), usage(b)-used, backendsTime(b, w.db)-databases
		after, _ := signaturesPerSecond(b)
		r := (before + after) / 2
		stats, err := engine.Stats(ctx)
		if err != nil {
			b.Fatal(err)
		}
		rate := float64(want) / took.Seconds()
		b.ReportMetric(rate, "posts/s")
		b.ReportMetric(r, "R")
		b.ReportMetric(rate/r, "share_of_R")
		b.ReportMetric(float64(each.Microseconds()), "µs_sign")
		b.ReportMetric(float64(here.Microseconds())/float64(want), "µs_here/post")
		b.ReportMetric(float64(there.Microseconds())/float64(want), "µs_pg/post")
		b.ReportMetric(float64(each)*float64(want)/float64(here+there), "share_by_cpu")
		b.ReportMetric(float64(stats.Rung), "bells")
	}
}

func fanTown(b *testing.B, crowd *crowd) (*town, *jobs.Engine) {
	b.Helper()
	w := &town{clock: &clock{now: start}}
	db, err := storage.Open(b.Context(), storagetest.URL(b), 24)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(db.Close)
	w.client = federation.NewClient(federation.Options{
		Origin: "https://here.example", UserAgent: "test", Roots: crowd.roots,
		AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowPorts: crowd.ports,
	})
	w.dir = actors.New(actors.Options{
		DB: db, Client: w.client, IRIs: federation.IRIs{Origin: "https://here.example"}, Secret: make([]byte, 32),
	})
	quiet := slog.New(slog.DiscardHandler)
	w.Courier = NewCourier(Options{DB: db, Directory: w.dir, Client: w.client, Log: quiet})
	w.clock.now = time.Now()
	engine, err := jobs.New(jobs.Options{DB: db, RedisURL: storagetest.Redis(b), Log: quiet})
	if err != nil {
		b.Fatal(err)
	}
	engine.Add(w.Source())
	err = db.Write(b.Context(), func(tx storage.Tx) (err error) {
		w.group, err = w.dir.CreateLocal(b.Context(), tx, actors.NewLocal{Kind: actors.Group, Name: "makers"})
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	for i, port := range crowd.ports {
		name := fmt.Sprintf("127.0.0.1:%d", port)
		host, inbox := addInbox(b, db, name, "https://"+name+"/inbox")
		addFollower(b, db, int64(i)+1, w.group.ID, host, inbox)
	}
	run(b, db, "ANALYZE")
	return w, engine
}

// BenchmarkSendToMembers commits a post for the 20,000 members of a community on 500
// servers, each in a transaction of its own.
func BenchmarkSendToMembers(b *testing.B) {
	const hosts, members = 500, 20_000
	for _, level := range []string{"members", "confidential"} {
		b.Run(level, func(b *testing.B) {
			w := newTown(b, 0)
			run(b, w.db, `INSERT INTO hosts (name) SELECT 'h' || n || '.example' FROM generate_series(1, $1::int) AS n`, hosts)
			run(b, w.db, `INSERT INTO inboxes (host, url, shared) SELECT id, 'https://' || name || '/inbox', true FROM hosts WHERE name LIKE 'h%'`)
			run(b, w.db, `INSERT INTO communities (actor, access, created_at) VALUES ($1, $2, $3)`, w.group.ID, level, start)
			run(b, w.db, `
				INSERT INTO actors (id, iri, kind, host, name, delivery, published, refreshed_at)
				SELECT n, 'https://' || h.name || '/' || n, 'person', h.id, 'u' || n, i.id, $2, $2
				FROM generate_series(1, $1::int) AS n
				JOIN hosts h ON h.name = 'h' || 1 + n % $3 || '.example'
				JOIN inboxes i ON i.host = h.id`, members, start, hosts)
			run(b, w.db, `INSERT INTO memberships (community, who, role, since) SELECT $1, id, 'member', $2 FROM actors WHERE host IS NOT NULL`, w.group.ID, start)
			run(b, w.db, `
				INSERT INTO follows (followee, follower, state, iri, delivery, asked_at)
				SELECT $1, id, 'accepted', iri || '/f', delivery, $2 FROM actors WHERE host IS NOT NULL`, w.group.ID, start)
			run(b, w.db, `INSERT INTO community_hosts (community, host, since) SELECT $1, id, $2 FROM hosts WHERE name LIKE 'h%'`, w.group.ID, start)
			run(b, w.db, "ANALYZE")
			i := 0
			for b.Loop() {
				i++
				a := w.activity(strconv.Itoa(i), int64(i))
				a.Body, a.MembersOf = make([]byte, 2000), w.group.ID
				w.send(b, Audience{MembersOf: w.group.ID}, a)
			}
			if n := count(b, w.db, "deliveries"); n != i*hosts {
				b.Errorf("%d deliveries of %d posts", n, i)
			}
		})
	}
}
