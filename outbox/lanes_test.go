package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/jobs"
	"passerelles/storage/storagetest"
)

// TestStalledDrain has a process that sleeps past its lease in the middle of a
// post: another takes the lane, and the first must not touch it any more.
func TestStalledDrain(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	arrived, wake := make(chan bool), []chan bool{make(chan bool), make(chan bool)}
	p.answer(func(n int, _ string) (int, string) {
		if n < len(wake) {
			arrived <- true
			<-wake[n]
		}
		return http.StatusAccepted, ""
	})
	var want []string
	for range 5 {
		want = append(want, w.post(t, 1))
	}
	key := ring(t, w)
	stalled := make(chan error, 1)
	go func() { stalled <- w.Courier.answer(context.Background(), key) }()
	<-arrived

	if bells, err := w.due(t.Context(), w.clock.Now()); err != nil || len(bells) > 0 {
		t.Fatalf("rung for a lane that is leased: %v, %v", bells, err)
	}
	if err := w.courier(w.db).answer(t.Context(), key); err != nil || len(p.received()) != 1 {
		t.Fatalf("a leased lane is drained by another (%v)", err)
	}
	w.clock.Advance(leaseLasts + time.Second)
	other := make(chan error, 1)
	go func() { other <- w.courier(w.db).answer(context.Background(), key) }()
	<-arrived
	wake[0] <- true
	if err := <-stalled; err != nil {
		t.Fatal(err)
	}
	if count(t, w.db, "deliveries") != 5 || count(t, w.db, "lanes WHERE lease_until > $1", w.clock.Now()) != 1 {
		t.Error("the stalled one recorded, or freed the lane of the other")
	}
	wake[1] <- true
	if err := <-other; err != nil {
		t.Fatal(err)
	}
	if got, want := p.received(), append(want[:1:1], want...); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q: the stalled one goes on", got, want)
	}
	if n := count(t, w.db, "deliveries"); n != 0 {
		t.Errorf("%d rows wait", n)
	}
}

// ring gives the key of the one lane that is due.
func ring(t *testing.T, w *town) string {
	t.Helper()
	bells, err := w.due(t.Context(), w.clock.Now())
	if err != nil || len(bells) != 1 {
		t.Fatalf("bells = %v, %v; want one", bells, err)
	}
	return bells[0].Key
}

// TestShutdown ends a drain in the middle: it finishes the row in hand.
func TestShutdown(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	ctx, cancel := context.WithCancel(t.Context())
	p.answer(func(int, string) (int, string) {
		cancel()
		return http.StatusAccepted, ""
	})
	for range 3 {
		w.post(t, 1)
	}
	if err := w.Courier.answer(ctx, ring(t, w)); err != nil {
		t.Fatal(err)
	}
	if n := len(p.received()); n != 1 {
		t.Errorf("%d posts after the end", n)
	}
	if n := count(t, w.db, "deliveries"); n != 2 {
		t.Errorf("%d rows wait, want 2", n)
	}
	if n := count(t, w.db, "lanes WHERE lease_until > $1", w.clock.Now()); n != 0 {
		t.Error("the lane is not freed")
	}
}

// TestMoreLanes gives a host that is far behind more lanes, and takes them
// away when it has caught up; the order of each thread is kept throughout,
// with two processes at work.
func TestMoreLanes(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	const threads, posts = 40, 40
	run(t, w.db, `
		INSERT INTO activities (iri, actor, type, body, listed, published)
		SELECT 'https://here.example/a/' || n, $1, 'Create',
		       convert_to(format('%s %s', n % $2::int, n / $2::int), 'UTF8'), false, $4
		FROM generate_series(0, $2::int * $3::int - 1) AS n`, w.group.ID, threads, posts, start)
	run(t, w.db, `
		INSERT INTO deliveries (host, activity, inbox, slot)
		SELECT $1, id, $2, split_part(convert_from(body, 'UTF8'), ' ', 1)::int % 64
		FROM activities`, p.host, p.inbox)
	most := 0
	others := []*Courier{w.Courier, w.courier(w.db)}
	for round := 0; count(t, w.db, "deliveries") > 0; round++ {
		if round > 100 {
			t.Fatal("it takes for ever")
		}
		bells, err := w.due(t.Context(), w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, len(bells))
		var wg sync.WaitGroup
		for _, b := range bells {
			for _, c := range others { // both are told; one has it
				wg.Go(func() {
					if err := c.answer(context.Background(), b.Key); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		w.clock.Advance(2 * time.Second)
	}
	if most < 2 {
		t.Error("the host never had more than one lane")
	}
	checkOrder(t, p.received(), threads, posts)
	w.post(t, 1)
	w.work(t)
	w.clock.Advance(2 * time.Second)
	w.post(t, 1)
	w.work(t)
	if n := count(t, w.db, "host_states WHERE lanes = 1"); n != 1 {
		t.Error("a host that has caught up keeps its lanes")
	}
}

// checkOrder reads "thread number" lines, each once and in order within its thread.
func checkOrder(t *testing.T, got []string, threads, posts int) {
	t.Helper()
	next := make([]int, threads)
	for _, body := range got {
		var thread, n int
		if _, err := fmt.Sscan(body, &thread, &n); err != nil {
			t.Fatal(err)
		}
		if n != next[thread] {
			t.Fatalf("thread %d: post %d came where %d was due", thread, n, next[thread])
		}
		next[thread]++
	}
	for thread, n := range next {
		if n != posts {
			t.Errorf("thread %d: %d posts, want %d", thread, n, posts)
		}
	}
}

// TestTwoProcesses runs two engines over one PostgreSQL and one Redis, which is
// emptied meanwhile. No peer is ever spoken to twice at once, and each gets all
// in order, once.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	w := newTown(t, 8)
	w.clock.now = time.Now()
	redis := storagetest.Redis(t)
	var twice atomic.Int64
	for _, p := range w.peers {
		var busy atomic.Int64
		p.answer(func(int, string) (int, string) {
			if busy.Add(1) > 1 {
				twice.Add(1)
			}
			time.Sleep(time.Millisecond) // so that two at once would meet
			busy.Add(-1)
			return http.StatusAccepted, ""
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for range 2 {
		c := NewCourier(Options{DB: w.db, Directory: w.dir, Client: w.client, Log: slog.New(slog.DiscardHandler)})
		e, err := jobs.New(jobs.Options{DB: w.db, RedisURL: redis, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		e.Add(c.Source())
		wg.Go(func() {
			if err := e.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	var want []string
	for range 60 {
		want = append(want, w.post(t, 1))
	}
	waitEmpty(t, w)
	for i, p := range w.peers {
		if got := p.received(); !slices.Equal(got, want) {
			t.Errorf("peer %d got %s", i, strings.Join(got, ", "))
		}
	}
	if n := twice.Load(); n > 0 {
		t.Errorf("%d times two posts to a peer at once", n)
	}
}

// waitEmpty waits until nothing is to be delivered.
func waitEmpty(t *testing.T, w *town) {
	t.Helper()
	for end := time.Now().Add(time.Minute); count(t, w.db, "deliveries") > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			list, err := Backlogs(t.Context(), w.db)
			t.Fatalf("after a minute there wait %+v (%v)", list, err)
		}
	}
}

// TestDeadHostCostsNoRedis has a hundred thousand rows for one dead host.
func TestDeadHostCostsNoRedis(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	p.Close()
	w.post(t, 1)
	run(t, w.db, `
		INSERT INTO deliveries (host, activity, inbox, slot)
		SELECT $1, a.id + n, $2, n % 64
		FROM activities AS a, generate_series(1, 100000) AS n`, p.host, p.inbox)
	rung := 0
	for range 50 {
		bells, err := w.due(t.Context(), w.clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bells {
			rung++
			if err := w.Courier.answer(t.Context(), b.Key); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.Advance(200 * time.Millisecond)
	}
	if rung > 10 {
		t.Errorf("rung %d times in ten seconds for a dead host", rung)
	}
}

// TestSlowHost leaves the quick queue with its first slow answer, and comes back.
func TestQueues(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	queue := func() string {
		t.Helper()
		w.post(t, 1)
		bells, err := w.due(t.Context(), w.clock.Now())
		if err != nil || len(bells) != 1 {
			t.Fatalf("bells = %v, %v", bells, err)
		}
		if err := w.Courier.answer(t.Context(), bells[0].Key); err != nil {
			t.Fatal(err)
		}
		return bells[0].Queue
	}
	if got := queue(); got != jobs.Deliver {
		t.Errorf("a host never met: %s", got)
	}
	slow := true
	p.answer(func(int, string) (int, string) {
		if slow {
			time.Sleep(slowFrom + 10*time.Millisecond) // the answer's own time is what is measured
		}
		return http.StatusAccepted, ""
	})
	if got := queue(); got != jobs.Deliver {
		t.Errorf("a quick host: %s", got)
	}
	slow = false
	if got := queue(); got != jobs.DeliverSlow {
		t.Errorf("a slow host: %s", got)
	}
	if got := queue(); got != jobs.Deliver {
		t.Errorf("a host that is quick again: %s", got)
	}
	p.answer(always(http.StatusBadGateway))
	queue()
	w.sleepOut(t, p)
	if got := queue(); got != jobs.DeliverSlow {
		t.Errorf("a failing host: %s", got)
	}
}

// TestLongDrain leaves a host that takes its time after twenty seconds.
func TestLongDrain(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	p.answer(func(int, string) (int, string) {
		w.clock.Advance(5 * time.Second)
		return http.StatusAccepted, ""
	})
	for range 10 {
		w.post(t, 1)
	}
	if err := w.Courier.answer(t.Context(), ring(t, w)); err != nil {
		t.Fatal(err)
	}
	if n := len(p.received()); n != 4 {
		t.Errorf("%d posts of five seconds in one drain, want 4", n)
	}
	if n := count(t, w.db, "deliveries"); n != 6 {
		t.Errorf("%d rows wait, want 6", n)
	}
	w.work(t)
	if n := len(p.received()); n != 10 {
		t.Errorf("%d posts in all, want 10", n)
	}
}
