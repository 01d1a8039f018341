// Package embedded runs a private PostgreSQL and Redis, so that the program
// starts on a machine that has neither set up.
package embedded

import (
	"context"
	"errors"
	"log/slog"
)

// Options chooses how the services run; the zero value is right for a server.
type Options struct {
	Log *slog.Logger // nil: slog.Default()
}

// Services are a PostgreSQL and a Redis ready for use.
type Services struct {
	DatabaseURL string // for storage.Open
	RedisURL    string // for asynq.ParseRedisURI
	Warning     string // what the person in charge should know, "" when all is well
}

// Start gives the services whose files are in dir: those that another process
// runs there already, else its own.
func Start(ctx context.Context, dir string, opts Options) (*Services, error) {
	return nil, errors.New("unfinished")
}

// Stop ends what Start started and leaves alone what it found.
func (s *Services) Stop(ctx context.Context) error { return nil }
