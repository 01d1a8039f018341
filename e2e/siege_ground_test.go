package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"passerelles/embedded"
	"passerelles/storage"
	"passerelles/storage/storagetest"
)

// ground is a PostgreSQL and a Redis that a story may kill: nobody else uses them.
type ground struct {
	t        *testing.T
	dir      string
	postgres *embedded.Services
	redis    *embedded.Services
}

func newGround(t *testing.T) *ground {
	t.Helper()
	return groundIn(t, storagetest.Folder(t))
}

func groundIn(t *testing.T, dir string) *ground {
	t.Helper()
	g := &ground{t: t, dir: dir}
	g.startPostgres()
	g.startRedis()
	t.Cleanup(func() {
		g.stopRedis()
		g.stopPostgres()
	})
	return g
}

// startPostgres runs one that keeps what it says is kept.
func (g *ground) startPostgres() {
	g.t.Helper()
	services, err := embedded.Start(context.Background(), g.dir, embedded.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		g.t.Fatal(err)
	}
	g.postgres = services
}

func (g *ground) stopPostgres() {
	g.t.Helper()
	if g.postgres == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), recovery) // it writes down all that it held
	defer cancel()
	if err := g.postgres.Stop(ctx); err != nil {
		g.t.Error(err)
	}
	g.postgres = nil
}

// crashPostgres stops it without letting it write anything down, and waits until
// it is back by itself.
func (g *ground) crashPostgres() {
	g.t.Helper()
	was := g.postmaster()
	if err := syscall.Kill(was, syscall.SIGQUIT); err != nil { // "immediate"
		g.t.Fatal(err)
	}
	await(g.t, "PostgreSQL is back", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		db, err := storage.Open(ctx, g.postgres.DatabaseURL, 1)
		if err != nil {
			return false
		}
		db.Close()
		return g.postmaster() != was
	})
}

// postmaster is the process of PostgreSQL, 0 if there is none.
func (g *ground) postmaster() int {
	text, err := os.ReadFile(filepath.Join(g.dir, "postgres", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, _ := strconv.Atoi(first) // 0 while it is being written
	return pid
}

// database makes one and gives its address.
func (g *ground) database(name string) string {
	g.t.Helper()
	db, err := storage.Open(g.t.Context(), g.postgres.DatabaseURL, 1)
	if err != nil {
		g.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(g.t.Context(), "CREATE DATABASE "+name); err != nil {
		g.t.Fatal(err)
	}
	address, err := url.Parse(g.postgres.DatabaseURL)
	if err != nil {
		g.t.Fatal(err)
	}
	address.Path = "/" + name
	return address.String()
}

// startRedis runs one that keeps nothing, at the same address each time.
func (g *ground) startRedis() {
	g.t.Helper()
	services, err := embedded.StartRedis(context.Background(), filepath.Join(g.dir, "motor"), embedded.Options{})
	if err != nil {
		g.t.Fatal(err)
	}
	if services.Warning != "" {
		storagetest.GiveUp(g.t, errors.New("a Redis that can be killed is needed: "+services.Warning))
	}
	g.redis = services
}

func (g *ground) stopRedis() {
	g.t.Helper()
	if g.redis == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := g.redis.Stop(ctx); err != nil {
		g.t.Error(err)
	}
	g.redis = nil
}

// killRedis ends it with all that it held.
func (g *ground) killRedis() {
	g.t.Helper()
	_, after, _ := strings.Cut(g.tellRedis("INFO server"), "process_id:")
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(after, "\n", 2)[0]))
	if err != nil {
		g.t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		g.t.Fatal(err)
	}
	g.stopRedis()
}

// tellRedis says one command and gives the answer.
func (g *ground) tellRedis(command string) string {
	g.t.Helper()
	conn, err := net.DialTimeout("unix", strings.TrimPrefix(g.redis.RedisURL, "redis-socket://"), patience)
	if err != nil {
		g.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience)) // the reads below would tell
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		g.t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	head, err := r.ReadString('\n')
	if err != nil {
		g.t.Fatal(err)
	}
	if !strings.HasPrefix(head, "$") {
		return head
	}
	length, err := strconv.Atoi(strings.TrimSpace(head[1:]))
	if err != nil {
		g.t.Fatal(err)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		g.t.Fatal(err)
	}
	return string(body)
}

func (g *ground) flushRedis() {
	g.t.Helper()
	if answer := g.tellRedis("FLUSHALL"); !strings.HasPrefix(answer, "+OK") {
		g.t.Fatalf("FLUSHALL: %s", answer)
	}
}
