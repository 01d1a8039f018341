package embedded

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	database    = "passerelles" // the database, and the role that owns it
	redisSocket = "redis.sock"
	longestPath = 100 // of a socket: the kernel takes 107 bytes, 103 elsewhere
)

// home is where the services keep their files.
type home struct {
	dir     string // locks and logs, ours
	cluster string // PostgreSQL's files
	redis   string // Redis's files
	sockets string
	as      account // owns the three folders
}

// openHome makes the folders in dir, or takes them as they are.
func openHome(dir string) (*home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	h := &home{dir: dir, cluster: filepath.Join(dir, "postgres"), redis: filepath.Join(dir, "redis")}
	if h.as, err = accountFor(h.cluster); err != nil {
		return nil, err
	}
	if err := h.admit(); err != nil {
		return nil, err
	}
	h.sockets = socketFolder(dir, h.as)
	return h, errors.Join(h.own(h.redis), h.own(h.sockets))
}

// admit lets the servers' account cross the data folder, never list or read it.
func (h *home) admit() error {
	info, err := os.Stat(h.dir)
	if err != nil {
		return err
	}
	if h.as.other && !h.as.crosses(info) {
		if err := os.Chmod(h.dir, info.Mode().Perm()|0o011); err != nil {
			return err
		}
	}
	if err := h.as.enters(h.dir); err != nil {
		return fmt.Errorf("%w: choose another data folder (PASSERELLES_DATA), for instance /var/lib/passerelles", err)
	}
	return nil
}

// own makes folder the account's alone. A folder there already must be its
// own: in /tmp anybody could have laid one out for us.
func (h *home) own(folder string) error {
	err := os.Mkdir(folder, 0o700)
	if err == nil && h.as.other {
		return os.Lchown(folder, h.as.uid, h.as.gid)
	}
	if err == nil || !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || ok && int(owner.Uid) != h.as.uid {
		return fmt.Errorf("%s should be a folder of the user %s", folder, h.as.name)
	}
	return os.Chmod(folder, 0o700)
}

// socketFolder is in the data folder unless that makes its path too long for a
// socket or awkward for PostgreSQL, which reads a list there.
func socketFolder(dir string, as account) string {
	folder := filepath.Join(dir, "run")
	if len(folder)+len("/.s.PGSQL.5432") <= longestPath && !strings.ContainsAny(folder, `,"' `) {
		return folder
	}
	name := fmt.Sprintf("passerelles-%x", sha256.Sum256([]byte(dir)))[:24]
	if as.other { // root
		return filepath.Join("/run", name)
	}
	return filepath.Join("/tmp", name) // not TMPDIR: all our processes must agree
}

func (h *home) databaseURL(name string) string {
	query := url.Values{"host": {h.sockets}, "user": {database}}
	return "postgres:///" + name + "?" + query.Encode()
}

// redisURL is in the form that asynq reads.
func (h *home) redisURL(socket string) string {
	return (&url.URL{Scheme: "redis-socket", Path: filepath.Join(h.sockets, socket)}).String()
}

// logFile opens the log of a server, setting a big one aside.
func (h *home) logFile(name string) (*os.File, error) {
	path := filepath.Join(h.dir, name+".log")
	if info, err := os.Stat(path); err == nil && info.Size() > 10<<20 {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, err
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return file, h.as.give(file)
}
