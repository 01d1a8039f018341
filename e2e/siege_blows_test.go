package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sys/unix"

	"passerelles/config"
	"passerelles/server"
	"passerelles/storage"
)

// meanwhile lets n more activities be taken.
func (s *siege) meanwhile(what string, n int) {
	s.t.Helper()
	before := s.crowd.taken()
	s.crowd.release(n)
	await(s.t, what, func() bool { return s.crowd.taken() >= before+n })
}

// redisHangs: it neither answers nor hangs up.
func (s *siege) redisHangs() {
	s.t.Helper()
	defer s.wires.redis.hang()()
	s.meanwhile("10 are answered 202 while Redis hangs", 10)
}

func (s *siege) redisSlow() {
	s.t.Helper()
	s.wires.redis.delay.Store(int64(200 * time.Millisecond))
	defer s.wires.redis.delay.Store(0)
	s.meanwhile("10 are answered 202 while Redis is slow", 10)
}

// postgresHangs: whoever asks is told before long that nothing works.
func (s *siege) postgresHangs() {
	s.t.Helper()
	goOn := s.wires.postgres.hang()
	defer goOn()
	await(s.t, "readyz says that the database hangs", func() bool { return s.home.status("/readyz") == http.StatusServiceUnavailable })
	goOn()
	await(s.t, "readyz says that all is well", func() bool { return s.home.status("/readyz") == http.StatusOK })
}

// commitsUnanswered: five transactions are committed, or not, and nobody is told.
func (s *siege) commitsUnanswered() {
	s.t.Helper()
	var cut atomic.Int32
	s.wires.postgres.judge(func(piece []byte) verdict {
		if bytes.Contains(bytes.ToLower(piece), []byte("commit")) && cut.Load() < 5 {
			cut.Add(1)
			return isLast
		}
		return goesOn
	})
	defer s.wires.postgres.judge(nil)
	s.crowd.release(20)
	await(s.t, "five commits got no answer", func() bool { return cut.Load() == 5 })
}

// tablesLocked: somebody holds what everybody needs, until a few wait for it.
func (s *siege) tablesLocked() {
	s.t.Helper()
	err := s.db.Write(s.t.Context(), func(tx storage.Tx) error {
		if _, err := tx.Exec(s.t.Context(), `LOCK TABLE received, posts, activities, deliveries IN ACCESS EXCLUSIVE MODE`); err != nil {
			return err
		}
		s.crowd.release(10)
		await(s.t, "three wait for the tables", func() bool {
			return s.count(s.t, s.there, `SELECT count(*) FROM pg_stat_activity WHERE datname = 'home' AND wait_event_type = 'Lock'`) >= 3
		})
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// workFrozen: it holds leases, sleeps until others have taken them, and wakes as if
// nothing had been. That a minute has passed is told to the database alone.
func (s *siege) workFrozen() {
	s.t.Helper()
	s.freeze(s.worker)
	defer s.thaw(s.worker)
	s.endLeases()
	s.meanwhile("10 are answered 202 while work sleeps", 10)
	s.endLeases()
}

func (s *siege) freeze(p *process) {
	s.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
}

func (s *siege) thaw(p *process) {
	s.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		s.t.Fatal(err)
	}
}

func (s *siege) endLeases() {
	s.t.Helper()
	s.tell(
		`UPDATE lanes SET lease_until = '-infinity', rung_until = '-infinity', lease = lease + 1`,
		`UPDATE inbox_queue SET lease_until = '-infinity' WHERE lease_until IS NOT NULL`,
		`UPDATE jobs SET lease_until = '-infinity' WHERE lease_until IS NOT NULL`)
}

// tell changes what home's database believes of the time. A process frozen within a
// transaction holds its rows until PostgreSQL ends it, which may take as long as a
// statement may wait.
func (s *siege) tell(statements ...string) {
	s.t.Helper()
	for _, sql := range statements {
		await(s.t, "home's database is told", func() bool {
			_, err := s.db.Exec(s.t.Context(), sql)
			var refusal *pgconn.PgError
			if errors.As(err, &refusal) && refusal.Code == "57014" { // it waited too long
				return false
			}
			must(s.t, err)
			return true
		})
	}
}

// followerCutOff: what is said to it gets no answer, then it is there again and speaks.
func (s *siege) followerCutOff() {
	s.t.Helper()
	goOn := s.road.site.hang()
	defer goOn()
	s.locals.tokens <- struct{}{}
	s.meanwhile("10 are answered 202 while the follower is cut off", 10)
	await(s.t, "something waits for the follower", func() bool { return s.backlog(s.db).ToDeliver > 0 })
	s.road.site.cut()
}

// connectionsBreak: all at once, everywhere.
func (s *siege) connectionsBreak() {
	s.crowd.release(10)
	for _, w := range []*wire{s.wires.postgres, s.wires.redis, s.wires.site, s.road.postgres, s.road.redis, s.road.site} {
		w.cut()
	}
}

// filesRunOut: others hold so many connections that serve can open nothing more.
func (s *siege) filesRunOut() {
	s.t.Helper()
	pid := s.home.served.cmd.Process.Pid
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		s.t.Fatal(err)
	}
	var before unix.Rlimit
	few := unix.Rlimit{Cur: uint64(len(open)) + 4}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before); err != nil {
		s.t.Fatal(err)
	}
	few.Max = before.Max
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &few, nil); err != nil {
		s.t.Fatal(err)
	}
	s.crowd.release(10)
	idle := s.idlers(50)
	await(s.t, "serve has no file left", func() bool {
		if !s.answersAnew() {
			return true
		}
		idle = append(idle, s.idlers(10)...) // numbers of files that were closed before are free again
		return false
	})
	for _, c := range idle {
		_ = c.Close() // it carried nothing
	}
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &before, nil); err != nil {
		s.t.Fatal(err)
	}
	await(s.t, "serve answers again", func() bool { return s.home.status("/readyz") == http.StatusOK })
}

// answersAnew says whether serve answers on a connection that it had not.
func (s *siege) answersAnew() bool {
	stranger := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: client().Transport.(*http.Transport).TLSClientConfig}}
	response, err := stranger.Get(s.home.origin + "/readyz")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// idlers connect and say nothing.
func (s *siege) idlers(n int) (all []net.Conn) {
	s.t.Helper()
	for range n {
		c, err := net.Dial("tcp", s.home.host)
		if err != nil {
			s.t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// clocksDisagree: for a while a third process works whose clock is five minutes ahead.
// To it all leases have ended: it takes what the others hold. What it put off or held to
// its end waits five minutes longer than it should, which the story takes back.
func (s *siege) clocksDisagree() {
	s.t.Helper()
	cfg, err := config.Load("", append(s.home.env, "PASSERELLES_METRICS_LISTEN="))
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(s.t.Context())
	defer stop()
	ahead := func() time.Time { return time.Now().Add(5 * time.Minute) }
	third, err := server.Open(ctx, cfg, server.Options{Log: slog.New(slog.DiscardHandler), Now: ahead})
	if err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- third.Work(ctx) }()
	s.meanwhile("20 are answered 202 while clocks disagree", 20)
	stop()
	if err := errors.Join(<-ended, third.Close()); err != nil && !errors.Is(err, context.Canceled) {
		s.t.Fatal(err)
	}
	s.tell(
		`UPDATE host_states SET resting_until = resting_until - interval '5 minutes' WHERE resting_until IS NOT NULL`,
		`UPDATE deliveries SET not_before = not_before - interval '5 minutes' WHERE not_before IS NOT NULL`,
		`UPDATE lanes SET rung_until = rung_until - interval '5 minutes', lease_until = lease_until - interval '5 minutes'`,
		`UPDATE inbox_queue SET due_at = due_at - interval '5 minutes', lease_until = lease_until - interval '5 minutes'`,
		`UPDATE jobs SET due_at = due_at - interval '5 minutes', lease_until = lease_until - interval '5 minutes', rung_until = rung_until - interval '5 minutes'`)
}
