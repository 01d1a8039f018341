package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func newPostgres(h *home, programs Programs, opts Options) *service {
	s := newService(h, "postgres", opts)
	pid := filepath.Join(h.cluster, "postmaster.pid")
	s.polite = syscall.SIGINT // "fast": ends the sessions, writes all down
	s.leaving = func() bool { return alive(pid, h.cluster) }
	s.answers = h.postgresAnswers
	s.command = func(ctx context.Context) (*process, error) {
		if err := h.initCluster(ctx, programs, opts.Throwaway); err != nil {
			return nil, err
		}
		if err := forget(pid, filepath.Join(h.sockets, ".s.PGSQL.5432.lock")); err != nil {
			return nil, err
		}
		return h.serve("postgres", filepath.Join(programs.Postgres, "postgres"), h.cluster, syscall.SIGINT,
			append([]string{"-D", h.cluster}, settings(h.sockets, programs.Version, opts.Throwaway)...))
	}
	return s
}

// serve starts a server that writes to its log, in a folder of its own.
func (h *home) serve(name, program, folder string, farewell syscall.Signal, args []string) (*process, error) {
	log, err := h.logFile(name)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the server has its own handle
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = folder, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + folder}
	cmd.Stdout, cmd.Stderr = log, log
	return launch(cmd, h.as, farewell)
}

// settings suit a server that shares a small machine. They are given at each
// start, so that a newer version of ours may change them.
func settings(sockets string, version int, throwaway bool) []string {
	lines := []string{
		"listen_addresses=", "port=5432", "unix_socket_directories=" + sockets, "unix_socket_permissions=0700",
		"cluster_name=passerelles", "timezone=UTC", "log_timezone=UTC", "log_checkpoints=off",
		"shared_buffers=64MB", "wal_compression=lz4", "max_wal_size=512MB", "random_page_cost=1.1", "jit=off", "default_toast_compression=lz4",
		"max_worker_processes=4", "max_parallel_workers=2", "max_logical_replication_workers=0",
		"autovacuum_max_workers=2",
	}
	if version >= 18 {
		lines = append(lines, "io_method=sync") // no three processes for reading ahead
	}
	if throwaway {
		lines = append(lines, "max_connections=500", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	} else {
		lines = append(lines, "max_connections=100", "synchronous_commit=on")
	}
	args := make([]string, 0, 2*len(lines))
	for _, line := range lines {
		args = append(args, "-c", line)
	}
	return args
}

// initCluster makes the cluster if there is none. It does so aside: a folder
// called postgres is always whole.
func (h *home) initCluster(ctx context.Context, programs Programs, throwaway bool) error {
	if _, err := os.Stat(filepath.Join(h.cluster, "PG_VERSION")); err == nil {
		return nil
	}
	aside := h.cluster + ".new"
	var failed error
	for _, locale := range []string{"C.UTF-8", "en_US.UTF-8", "C"} { // macOS lacks the first
		if err := errors.Join(os.RemoveAll(aside), h.own(aside)); err != nil {
			return err
		}
		cmd := exec.Command(filepath.Join(programs.Postgres, "initdb"), "--pgdata="+aside, "--username="+database,
			"--auth=trust", "--encoding=UTF8", "--locale="+locale, "--no-instructions")
		if throwaway {
			cmd.Args = append(cmd.Args, "--no-sync")
		}
		cmd.Dir = aside
		if err := run(ctx, cmd, h.as); err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		return os.Rename(aside, h.cluster)
	}
	return fmt.Errorf("make the database's cluster: %w", failed)
}

// Began says whether a private PostgreSQL was ever started on the folder.
func Began(dir string) bool { return clusterVersion(dir) != 0 }

// clusterVersion gives the major version that made the cluster in dir, 0 if
// there is none.
func clusterVersion(dir string) int {
	text, err := os.ReadFile(filepath.Join(dir, "postgres", "PG_VERSION"))
	if err != nil {
		return 0
	}
	version, _ := strconv.Atoi(strings.TrimSpace(string(text))) // 0 when damaged: initdb refuses the folder
	return version
}

// postgresAnswers says whether the database can be used, and makes it when only
// the database lacks.
func (h *home) postgresAnswers(ctx context.Context) error {
	err := h.ask(ctx, database, "")
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "3D000" { // no such database: the first start
		return h.ask(ctx, "postgres", "CREATE DATABASE "+database)
	}
	return err
}

func (h *home) ask(ctx context.Context, name, sql string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgconn.Connect(ctx, h.databaseURL(name))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if sql == "" {
		return nil
	}
	return conn.Exec(ctx, sql).Close()
}

// forget removes what a server that died has left and that would stop the next one.
func forget(paths ...string) error {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
