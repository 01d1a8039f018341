// Package embedded runs a private PostgreSQL and Redis, so that the program
// starts on a machine where nobody has set them up.
//
// Start finds or installs the programs (install.go), prepares their folders
// (home.go) and has each kept running by one process at a time (service.go):
// the holder of a file lock owns the server, the others use it, and one of them
// takes over when the owner leaves. Servers speak on unix sockets only, in a
// folder that only their account enters, and die with their owner (process.go).
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// Options chooses how the services run; the zero value is right for a server.
type Options struct {
	Log       *slog.Logger // nil: slog.Default()
	From      Source       // where programs may come from
	Programs  string       // the folder to install them in; "": the services' own
	Throwaway bool         // for tests: nothing is forced to disk, many connections, no Redis
}

// Services are a PostgreSQL and a Redis ready for use.
type Services struct {
	DatabaseURL string // for storage.Open
	RedisURL    string // for asynq.ParseRedisURI
	Warning     string // what the person in charge should know, "" when all is well

	stops []func(context.Context) error
}

// Start gives the services whose files are in dir: those that another process
// runs there already, else its own. It may take a minute the first time, when
// programs are to be installed.
func Start(ctx context.Context, dir string, opts Options) (*Services, error) {
	programs, err := Install(ctx, dir, opts)
	if err != nil {
		return nil, err
	}
	h, err := openHome(dir)
	if err != nil {
		return nil, err
	}
	kept := []*service{newPostgres(h, programs, opts)}
	s := &Services{DatabaseURL: h.databaseURL(database)}
	switch {
	case opts.Throwaway: // StartRedis gives each test process its own
	case programs.Redis != "":
		kept = append(kept, newRedis(h, programs, opts))
		s.RedisURL = h.redisURL(redisSocket)
	default:
		err = s.redisInMemory()
	}
	starts, startCtx := errgroup.WithContext(ctx)
	for _, one := range kept {
		s.stops = append(s.stops, one.stop)
		starts.Go(func() error { return one.start(startCtx) })
	}
	if err := errors.Join(err, starts.Wait()); err != nil {
		return nil, errors.Join(err, s.Stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// StartRedis gives a Redis that is this process's alone and keeps nothing, for
// tests. Its socket is in dir.
func StartRedis(ctx context.Context, dir string, opts Options) (*Services, error) {
	programs, err := Install(ctx, dir, opts)
	if err != nil {
		return nil, err
	}
	s := &Services{}
	if programs.Redis == "" {
		return s, s.redisInMemory()
	}
	h, err := openHome(dir)
	if err != nil {
		return nil, err
	}
	socket := fmt.Sprintf("redis-%d.sock", os.Getpid())
	child, err := startRedis(ctx, h, programs, socket)
	if err != nil {
		return nil, err
	}
	s.RedisURL = h.redisURL(socket)
	s.stops = append(s.stops, func(ctx context.Context) error { return child.end(ctx, syscall.SIGTERM) })
	return s, nil
}

func (s *Services) redisInMemory() error {
	m, err := startMemory()
	if err != nil {
		return fmt.Errorf("start Redis in memory: %w", err)
	}
	s.RedisURL = m.url()
	s.Warning = "Redis is not installed: its work is kept in this process's memory and redone from the " +
		"database after a restart. Run one process only, or run: " + command("redis-server")
	s.stops = append(s.stops, m.stop)
	return nil
}

// Stop ends what this process runs, cleanly while ctx lasts and by force after,
// and leaves alone what it found running.
func (s *Services) Stop(ctx context.Context) error {
	var stops errgroup.Group
	for _, stop := range s.stops {
		stops.Go(func() error { return stop(ctx) })
	}
	return stops.Wait()
}
