package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// RedisDatabases is how many databases the Redis of StartRedis has.
const RedisDatabases = 1024

func newRedis(h *home, programs Programs, opts Options) *service {
	s := newService(h, "redis", opts)
	pid := filepath.Join(h.redis, "redis.pid")
	socket := filepath.Join(h.sockets, redisSocket)
	s.polite = syscall.SIGTERM
	s.leaving = func() bool { return alive(pid, h.redis) }
	s.answers = func(ctx context.Context) error { return redisAnswers(ctx, socket) }
	s.command = func(context.Context) (*process, error) {
		if err := forget(pid, socket); err != nil {
			return nil, err
		}
		return h.serve("redis", programs.Redis, h.redis, syscall.SIGTERM, []string{
			"--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", h.redis, "--pidfile", pid,
			"--save", "", "--appendonly", "yes", "--appendfsync", "everysec",
			"--maxmemory-policy", "noeviction", "--daemonize", "no"})
	}
	return s
}

// startRedis starts one that keeps nothing, with databases enough for many
// tests at once, and waits until it answers.
func startRedis(ctx context.Context, h *home, programs Programs, socket string) (*process, error) {
	path := filepath.Join(h.sockets, socket)
	child, err := h.serve("redis-tests", programs.Redis, h.redis, syscall.SIGTERM, []string{
		"--port", "0", "--unixsocket", path, "--unixsocketperm", "700", "--dir", h.redis,
		"--save", "", "--appendonly", "no", "--databases", strconv.Itoa(RedisDatabases), "--daemonize", "no"})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for redisAnswers(ctx, path) != nil {
		if child.ended() {
			return nil, fmt.Errorf("redis ended at once: %w (see redis-tests.log in %s)", child.err, h.dir)
		}
		if err := pause(ctx, look); err != nil {
			return nil, errors.Join(err, child.end(ctx, syscall.SIGTERM))
		}
	}
	return child, nil
}

// redisAnswers says whether the Redis on this socket can be used: while it
// loads its file it answers -LOADING.
func redisAnswers(ctx context.Context, socket string) error {
	dialer := net.Dialer{Timeout: 2 * time.Second}
	conn, err := dialer.DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return err
	}
	answer := make([]byte, len("+PONG"))
	if _, err := io.ReadFull(conn, answer); err != nil {
		return err
	}
	if string(answer) != "+PONG" {
		return fmt.Errorf("redis answers %q", answer)
	}
	return nil
}
