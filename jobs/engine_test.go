package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// patient is how long a test waits for what must happen.
const patient = 60 * time.Second

func newEngine(t testing.TB, db *storage.DB, redis string) *Engine {
	t.Helper()
	e, err := New(Options{DB: db, RedisURL: redis, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// start runs an engine until the test ends or stop is called.
func start(t testing.TB, e *Engine) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the engine ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func add(t testing.TB, db *storage.DB, kind, key string) {
	t.Helper()
	err := db.Write(t.Context(), func(tx storage.Tx) error {
		return Add(t.Context(), tx, kind, key, []byte(key), time.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
}

func await[T any](t testing.TB, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patient):
		t.Fatalf("waited in vain for %s", what)
		panic("unreachable")
	}
}

// eventually asks until the database says so.
func eventually(t testing.TB, db *storage.DB, what, sql string) {
	t.Helper()
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var yes bool
		if err := db.QueryRow(t.Context(), "SELECT "+sql).Scan(&yes); err != nil {
			t.Fatal(err)
		}
		if yes {
			return
		}
	}
	t.Fatalf("it never came that %s", what)
}

func TestEngine(t *testing.T) {
	t.Parallel()
	t.Run("does what is added, once", func(t *testing.T) {
		t.Parallel()
		db := storagetest.New(t)
		e := newEngine(t, db, storagetest.Redis(t))
		did := make(chan string, 100)
		e.Handle("greet", func(_ context.Context, j Job) error {
			did <- string(j.Payload)
			return nil
		})
		start(t, e)
		want := map[string]bool{}
		for i := range 20 {
			add(t, db, "greet", strconv.Itoa(i))
			want[strconv.Itoa(i)] = true
			e.Poke("job")
		}
		for range 20 {
			delete(want, await(t, "a greeting", did))
		}
		eventually(t, db, "no job remains", "NOT EXISTS (SELECT FROM jobs)")
		if len(want) > 0 || len(did) > 0 {
			t.Errorf("missing %v, %d too many", want, len(did))
		}
	})
	t.Run("tries again after an error or a panic, and gives up when told", func(t *testing.T) {
		t.Parallel()
		db := storagetest.New(t)
		e := newEngine(t, db, storagetest.Redis(t))
		e.Handle("fail", func(context.Context, Job) error { return errors.New("no luck") })
		e.Handle("panic", func(context.Context, Job) error { panic("oh") })
		e.Handle("never", func(context.Context, Job) error { return Abandon(errors.New("no use")) })
		start(t, e)
		for _, kind := range []string{"fail", "panic", "never"} {
			add(t, db, kind, "x")
		}
		eventually(t, db, "one failed", "EXISTS (SELECT FROM jobs WHERE kind = 'fail' AND attempts = 1 AND error = 'no luck' AND dead_at IS NULL AND lease_until IS NULL)")
		eventually(t, db, "one panicked", "EXISTS (SELECT FROM jobs WHERE kind = 'panic' AND attempts = 1 AND error = 'panic: oh' AND dead_at IS NULL)")
		eventually(t, db, "one is dead", "EXISTS (SELECT FROM jobs WHERE kind = 'never' AND error = 'no use' AND dead_at IS NOT NULL)")
	})
	t.Run("added while it runs, runs once more", func(t *testing.T) {
		t.Parallel()
		db := storagetest.New(t)
		e := newEngine(t, db, storagetest.Redis(t))
		began, goOn := make(chan bool, 10), make(chan bool)
		e.Handle("learn", func(context.Context, Job) error {
			began <- true
			<-goOn
			return nil
		})
		start(t, e)
		add(t, db, "learn", "x")
		await(t, "the first run", began)
		add(t, db, "learn", "x")
		goOn <- true
		await(t, "the second run", began)
		goOn <- true
		eventually(t, db, "no job remains", "NOT EXISTS (SELECT FROM jobs)")
	})
	t.Run("a panic of a source harms nobody", func(t *testing.T) {
		t.Parallel()
		e := newEngine(t, storagetest.New(t), storagetest.Redis(t))
		answered := make(chan string, 10)
		var rang atomic.Int64
		e.Add(Source{
			Kind: "bad",
			Due: func(context.Context, time.Time) ([]Bell, error) {
				if n := rang.Add(1); n <= 2 {
					return []Bell{{Queue: Deliver, Key: strconv.FormatInt(n, 10)}}, nil
				}
				return nil, nil
			},
			Answer: func(_ context.Context, key string) error {
				answered <- key
				panic("oh")
			},
		})
		start(t, e)
		await(t, "the first", answered)
		await(t, "the second", answered)
	})
}

// TestNewerKind lets an older program meet jobs that only a newer one knows.
func TestNewerKind(t *testing.T) {
	t.Parallel()
	db, redis := storagetest.New(t), storagetest.Redis(t)
	done := make(chan string, 10)
	note := func(_ context.Context, j Job) error { done <- j.Kind; return nil }
	older, newer := newEngine(t, db, redis), newEngine(t, db, redis)
	older.Handle("greet", note)
	newer.Handle("greet", note)
	newer.Handle("dance", note)
	add(t, db, "dance", "x")
	add(t, db, "greet", "x")
	stop := start(t, older)
	await(t, "what it knows", done)
	var id int64
	if err := db.QueryRow(t.Context(), `SELECT id FROM jobs WHERE kind = 'dance'`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	if err := older.answerJob(t.Context(), strconv.FormatInt(id, 10)); err != nil { // rung by the newer one
		t.Error(err)
	}
	eventually(t, db, "it is left alone", "EXISTS (SELECT FROM jobs WHERE kind = 'dance' AND lease = 0 AND attempts = 0 AND rung_until IS NULL)")
	stop()
	start(t, newer)
	if kind := await(t, "what only the newer one knows", done); kind != "dance" {
		t.Errorf("did %s", kind)
	}
}

// TestTwoEngines shares one table between two processes, more or less.
func TestTwoEngines(t *testing.T) {
	t.Parallel()
	db, redis := storagetest.New(t), storagetest.Redis(t)
	const jobs = 200
	var mu sync.Mutex
	done := map[string]int{}
	all := make(chan bool, jobs*2)
	for range 2 {
		e := newEngine(t, db, redis)
		e.Handle("count", func(_ context.Context, j Job) error {
			mu.Lock()
			defer mu.Unlock()
			done[j.Key]++
			all <- true
			return nil
		})
		start(t, e)
	}
	for i := range jobs {
		add(t, db, "count", strconv.Itoa(i))
	}
	for range jobs {
		await(t, "a job", all)
	}
	eventually(t, db, "no job remains", "NOT EXISTS (SELECT FROM jobs)")
	mu.Lock()
	defer mu.Unlock()
	for key, n := range done {
		if n != 1 {
			t.Errorf("job %s was done %d times", key, n)
		}
	}
}

// TestStop ends an engine in the middle of a job, which may finish.
func TestStop(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	e := newEngine(t, db, storagetest.Redis(t))
	began := make(chan bool, 1)
	e.Handle("long", func(ctx context.Context, _ Job) error {
		began <- true
		<-ctx.Done() // told to finish
		return nil
	})
	stop := start(t, e)
	add(t, db, "long", "x")
	await(t, "the job", began)
	stop()
	eventually(t, db, "the job is done", "NOT EXISTS (SELECT FROM jobs)")
}

// redisServer is a real Redis that a test may kill.
type redisServer struct {
	socket string
	cmd    *exec.Cmd
}

func (r *redisServer) start(t *testing.T) {
	t.Helper()
	r.cmd = exec.Command("redis-server", "--port", "0", "--unixsocket", r.socket, "--save", "", "--dir", filepath.Dir(r.socket))
	if err := r.cmd.Start(); err != nil {
		storagetest.GiveUp(t, err)
	}
}

func (r *redisServer) kill() {
	_ = r.cmd.Process.Kill() // gone already is as good
	_ = r.cmd.Wait()         // says that it was killed
}

// TestRedisAway takes Redis away at the start, in the middle, and empties it.
func TestRedisAway(t *testing.T) {
	t.Parallel()
	db := storagetest.New(t)
	redis := &redisServer{socket: filepath.Join(t.TempDir(), "r.sock")}
	e := newEngine(t, db, "redis-socket://"+redis.socket)
	did := make(chan string, 100)
	e.Handle("do", func(_ context.Context, j Job) error {
		did <- j.Key
		return nil
	})
	start(t, e)
	add(t, db, "do", "before Redis was there")
	redis.start(t)
	t.Cleanup(func() { redis.kill() })
	await(t, "the first job", did)

	redis.kill()
	for i := range 5 {
		add(t, db, "do", fmt.Sprint("while Redis is away ", i))
	}
	e.Poke("job")
	redis.start(t)
	for range 5 {
		await(t, "a job of the time without Redis", did)
	}

	for i := range 20 {
		add(t, db, "do", fmt.Sprint("while Redis is emptied ", i))
		if err := e.redis.FlushAll(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		await(t, "a job whose bell was lost", did)
	}
	eventually(t, db, "no job remains", "NOT EXISTS (SELECT FROM jobs)")
}

// TestTurn rings twice for the same thing, which nobody answers meanwhile.
func TestTurn(t *testing.T) {
	t.Parallel()
	e := newEngine(t, storagetest.New(t), storagetest.Redis(t))
	for range 3 {
		if err := e.ring(t.Context(), "lane", Bell{Queue: Deliver, Key: "1/0", Turn: "7"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.ring(t.Context(), "lane", Bell{Queue: Deliver, Key: "1/0", Turn: "8"}); err != nil {
		t.Fatal(err)
	}
	if got := e.redis.LLen(t.Context(), "asynq:{deliver}:pending").Val(); got != 2 {
		t.Errorf("%d bells wait, want one per turn: 2", got)
	}
}
