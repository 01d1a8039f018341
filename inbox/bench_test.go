package inbox

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/storage/storagetest"
)

// BenchmarkReceive sends posts and replies, signed beforehand, from many hosts to a
// community, over real HTTP; it ends when all are applied. It reports them in units of
// R, the RSA signatures that this machine makes in a second.
func BenchmarkReceive(b *testing.B) {
	var engine *jobs.Engine
	redis := storagetest.Redis(b)
	w := newTownWith(b, func(o *Options) {
		o.Now = time.Now
		var err error
		if engine, err = jobs.New(jobs.Options{DB: o.DB, RedisURL: redis}); err != nil {
			b.Fatal(err)
		}
		o.Engine = engine
	})
	w.clock.move(time.Since(w.clock.now()))
	for _, s := range w.Sources() {
		engine.Add(s)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = engine.Run(ctx) }) // ends with ctx
	defer running.Wait()
	defer cancel()

	people := make([]*remote, 50)
	for i := range people {
		people[i] = newPeer(b).person("p" + strconv.Itoa(i))
		people[i].posts(w, people[i].does("Like", people[i].URL+"/nothing"))
	}
	requests := make([]*http.Request, b.N)
	bodies := make([][]byte, b.N)
	var parent string
	for i := range requests {
		who := people[i%len(people)]
		note := who.note("post number "+strconv.Itoa(i), w.toMakers())
		if i%10 == 0 {
			parent = note["id"].(string)
		} else {
			note["inReplyTo"] = parent
		}
		requests[i] = who.request(w, "/inbox", who.does("Create", note))
		bodies[i], _ = io.ReadAll(requests[i].Body)
	}
	b.ResetTimer()
	start := time.Now()
	var next, refused atomic.Int64
	var senders sync.WaitGroup
	for range 32 {
		senders.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(requests) {
					return
				}
				for {
					requests[i].Body = io.NopCloser(bytes.NewReader(bodies[i]))
					res, err := w.http.Do(requests[i])
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					res.Body.Close()
					if res.StatusCode == http.StatusAccepted {
						break
					}
					if res.StatusCode != http.StatusServiceUnavailable {
						b.Errorf("status = %d", res.StatusCode)
						return
					}
					refused.Add(1)
					time.Sleep(50 * time.Millisecond)
				}
			}
		})
	}
	senders.Wait()
	taken := time.Since(start)
	for w.number(`SELECT count(*) FROM inbox_queue`) > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	all := time.Since(start)
	b.StopTimer()
	if n := w.number(`SELECT count(*) FROM posts`); n != b.N {
		b.Errorf("posts = %d, want %d", n, b.N)
	}
	r := signaturesPerSecond()
	b.ReportMetric(float64(b.N)/taken.Seconds(), "taken/s")
	b.ReportMetric(float64(b.N)/all.Seconds(), "applied/s")
	b.ReportMetric(float64(b.N)/all.Seconds()/r, "applied/R")
	b.ReportMetric(r, "R")
	b.ReportMetric(float64(all-taken)/float64(time.Millisecond), "ms-behind")
	b.ReportMetric(float64(refused.Load()), "refused")
	if slow, found := w.counted.Load("slow"); found {
		b.ReportMetric(float64(slow.(*atomic.Int64).Load()), "slow")
	}
}

func signaturesPerSecond() float64 {
	const n = 200
	var wg sync.WaitGroup
	start := time.Now()
	for range 2 {
		wg.Go(func() {
			for range n {
				r, _ := http.NewRequest(http.MethodGet, "https://x.example/", nil)
				_ = federation.Sign(r, nil, federation.PrivateKey{ID: "https://x.example/#k", Signer: keys()[0]}, start)
			}
		})
	}
	wg.Wait()
	return 2 * n / time.Since(start).Seconds()
}
