package embedded

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
)

// childDir makes this test binary a program that runs the services in a folder.
const childDir = "EMBEDDED_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	os.Exit(m.Run())
}

// child starts the services, says so, and stops them on SIGTERM. It ignores
// Ctrl-C, as a server that drains does.
func child(dir string) int {
	signal.Ignore(os.Interrupt)
	end, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, err := Start(end, dir, Options{From: Machine})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("ready")
	<-end.Done()
	if err := s.Stop(context.Background()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func TestStart(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	began := time.Now()
	s := start(t, dir)
	t.Logf("first start: %v", time.Since(began))
	note(t, s, "kept")
	if _, err := asynq.ParseRedisURI(s.RedisURL); err != nil {
		t.Errorf("asynq does not read %s: %v", s.RedisURL, err)
	}
	if s.Warning != "" {
		t.Errorf("warning = %q, want none", s.Warning)
	}
	set(t, s, "greeting", "hello")
	stop(t, s)
	if left := servers(t, dir); len(left) > 0 {
		t.Fatalf("left after Stop: %v", left)
	}

	began = time.Now()
	again := start(t, dir)
	defer stop(t, again)
	took := time.Since(began)
	t.Logf("second start: %v", took)
	if took > 5*time.Second { // it is some 0.2 s when nothing else runs
		t.Errorf("second start took %v", took)
	}
	if got, want := notes(t, again), "kept"; got != want {
		t.Errorf("notes = %q, want %q", got, want)
	}
	if got, want := get(t, again, "greeting"), "hello"; got != want {
		t.Errorf("greeting = %q, want %q", got, want)
	}
}

func TestStartFindsServersRunning(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owner, user := start(t, dir), start(t, dir)
	defer stop(t, user)
	before := servers(t, dir)
	visitor := start(t, dir)
	stop(t, visitor)
	if got, want := servers(t, dir), before; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("servers after a visitor = %v, want %v", got, want)
	}
	note(t, owner, "seen by all")

	stop(t, owner)
	eventually(t, "the other process takes over", func() bool {
		return len(servers(t, dir)) == 2 && reaches(t, user)
	})
	if got, want := notes(t, user), "seen by all"; got != want {
		t.Errorf("notes = %q, want %q", got, want)
	}
}

func TestKillNine(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd := startChild(t, dir)
	s := start(t, dir)
	note(t, s, "committed")
	stop(t, s)
	before := servers(t, dir)
	if len(before) != 2 {
		t.Fatalf("servers = %v, want PostgreSQL and Redis", before)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s = start(t, dir) // at once, while the old servers are stopping
	t.Logf("start after kill -9: %v", time.Since(began))
	if got, want := notes(t, s), "committed"; got != want {
		t.Errorf("notes = %q, want %q", got, want)
	}
	after := servers(t, dir)
	for _, pid := range before {
		for _, now := range after {
			if pid == now {
				t.Errorf("server %d outlived its owner", pid)
			}
		}
	}
	stop(t, s)
	if left := servers(t, dir); len(left) > 0 {
		t.Errorf("left at the end: %v", left)
	}
}

func TestKillNineLeavesNoServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd := startChild(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the servers end", func() bool { return len(servers(t, dir)) == 0 })
}

func TestInterruptSparesTheServers(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd := startChild(t, dir)
	before := servers(t, dir)
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil { // what Ctrl-C does
		t.Fatal(err)
	}
	s := start(t, dir)
	note(t, s, "still here")
	stop(t, s)
	if got, want := servers(t, dir), before; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("servers = %v, want %v", got, want)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the child ended with %v", err)
	}
	if left := servers(t, dir); len(left) > 0 {
		t.Errorf("left at the end: %v", left)
	}
}

func TestServerThatDiesIsBroughtBack(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	defer stop(t, s)
	note(t, s, "before")
	set(t, s, "when", "before")
	time.Sleep(1100 * time.Millisecond) // Redis writes its file each second: nothing tells when
	for _, pid := range servers(t, dir) {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "both are back", func() bool { return reaches(t, s) && len(servers(t, dir)) == 2 })
	if got, want := notes(t, s), "before"; got != want {
		t.Errorf("notes = %q, want %q", got, want)
	}
	if got, want := get(t, s, "when"), "before"; got != want {
		t.Errorf("when = %q, want %q", got, want)
	}
}

func TestStalePidFiles(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, dir)
	stop(t, s)
	// A crash, and then another program with the same number: this one.
	pid := strconv.Itoa(os.Getpid())
	stale := pid + "\n" + filepath.Join(dir, "postgres") + "\n1700000000\n5432\n" + filepath.Join(dir, "run") + "\n\n\nready\n"
	leave(t, filepath.Join(dir, "postgres", "postmaster.pid"), stale)
	leave(t, filepath.Join(dir, "run", ".s.PGSQL.5432.lock"), stale)
	leave(t, filepath.Join(dir, "run", ".s.PGSQL.5432"), "")
	leave(t, filepath.Join(dir, "redis", "redis.pid"), pid+"\n")
	leave(t, filepath.Join(dir, "run", "redis.sock"), "")
	s = start(t, dir)
	defer stop(t, s)
	note(t, s, "works")
}

func TestLongDataFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("long-name-", 12), "with spaces, and comma")
	s := start(t, dir)
	defer stop(t, s)
	note(t, s, "works")
	t.Cleanup(func() { _ = os.RemoveAll(socketFolder(dir, account{other: os.Geteuid() == 0})) }) // outside the test's folder
}

func TestHalfMadeClusterIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Mkdir(filepath.Join(dir, "postgres.new"), 0o700); err != nil {
		t.Fatal(err)
	}
	leave(t, filepath.Join(dir, "postgres.new", "PG_VERSION"), "15\n")
	if os.Geteuid() == 0 {
		as, err := accountFor(filepath.Join(dir, "postgres"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(dir, "postgres.new"), as.uid, as.gid); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, dir)
	defer stop(t, s)
	note(t, s, "works")
}

func TestRootRunsServersAsAnother(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // then they run as ourselves, which the other tests show
	}
	dir := folder(t)
	s := start(t, dir)
	defer stop(t, s)
	for _, pid := range servers(t, dir) {
		info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
		if err != nil {
			t.Fatal(err)
		}
		if owner := info.Sys().(*syscall.Stat_t).Uid; owner == 0 {
			t.Errorf("server %d runs as root", pid)
		}
	}
}

// folder gives a folder that another account may cross, unlike t.TempDir.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "embedded-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, dir string) *Services {
	t.Helper()
	s, err := Start(t.Context(), dir, Options{From: Machine})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stop(t *testing.T, s *Services) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// startChild runs the services in another process, in a process group of its own.
func startChild(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended in the good case
		_ = cmd.Wait()         // the same
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the child says %q (%v), want ready", line, err)
	}
	return cmd
}

func note(t *testing.T, s *Services, text string) {
	t.Helper()
	conn := connect(t, s)
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "CREATE TABLE IF NOT EXISTS notes (text text)"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "INSERT INTO notes VALUES ($1)", text); err != nil {
		t.Fatal(err)
	}
}

func notes(t *testing.T, s *Services) string {
	t.Helper()
	conn := connect(t, s)
	defer conn.Close(t.Context())
	var text string
	if err := conn.QueryRow(t.Context(), "SELECT string_agg(text, ',') FROM notes").Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text
}

func connect(t *testing.T, s *Services) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func reaches(t *testing.T, s *Services) bool {
	u, err := url.Parse(s.RedisURL)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), s.DatabaseURL)
	if err != nil {
		return false
	}
	defer conn.Close(t.Context())
	return redisAnswers(t.Context(), u.Path) == nil
}

func leave(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 3000 {
		if holds() {
			return
		}
		if pause(t.Context(), 10*time.Millisecond) != nil {
			break
		}
	}
	t.Fatalf("waited in vain: %s", what)
}
