package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wires are what a server's processes speak through, each to be cut by itself.
type wires struct {
	postgres *wire
	redis    *wire
	site     *wire // what others reach it by
}

// wiredTown makes a server all of whose connections go through wires.
func wiredTown(t *testing.T, databaseURL, redisURL string, more ...string) (*town, *wires) {
	t.Helper()
	w, dir := &wires{}, shortFolder(t)
	w.postgres, databaseURL = wirePostgres(t, dir, databaseURL)
	w.redis, redisURL = wireRedis(t, dir, redisURL)
	behind := "localhost:" + freePort(t)
	s := settleOn(t, databaseURL, redisURL, append(more, "PASSERELLES_LISTEN="+behind)...)
	w.site = newWire(t, "tcp", s.host, behind)
	return s, w
}

func wirePostgres(t *testing.T, dir, address string) (*wire, string) {
	t.Helper()
	const socket = ".s.PGSQL.5432"
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	w := newWire(t, "unix", filepath.Join(dir, socket), filepath.Join(query.Get("host"), socket))
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	return w, u.String()
}

func wireRedis(t *testing.T, dir, address string) (*wire, string) {
	t.Helper()
	const scheme = "redis-socket://"
	path, query, _ := strings.Cut(strings.TrimPrefix(address, scheme), "?")
	near := filepath.Join(dir, "redis.sock")
	return newWire(t, "unix", near, path), scheme + near + "?" + query
}

// shortFolder is for sockets: their paths are short.
func shortFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "wires-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a leftover in the temporary folder harms nobody
	return dir
}
