package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/config"
	"passerelles/departures"
	"passerelles/documents"
	"passerelles/embedded"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/history"
	"passerelles/inbox"
	"passerelles/jobs"
	"passerelles/mastodon"
	"passerelles/media"
	"passerelles/moderation"
	"passerelles/notifications"
	"passerelles/oauth"
	"passerelles/outbox"
	"passerelles/posts"
	"passerelles/push"
	"passerelles/reading"
	"passerelles/storage"
	"passerelles/streaming"
	"passerelles/timelines"
	"passerelles/web"
)

// Version of the program, as NodeInfo and the user agent tell it.
const Version = "0.1.0"

// Options are what the settings do not say.
type Options struct {
	Log *slog.Logger     // nil: slog.Default()
	Now func() time.Time // nil: time.Now
	// Begin lets a private server be made where none was started; without it there must be one.
	Begin bool
}

// Server is every part, joined.
type Server struct {
	Config config.Config
	Log    *slog.Logger
	IRIs   federation.IRIs
	Ready  func() // called once requests are answered; may be nil

	DB          *storage.DB
	Client      *federation.Client
	Directory   *actors.Directory
	Hosts       *access.Hosts
	Jobs        *jobs.Engine
	Courier     *outbox.Courier
	Media       *media.Service
	Mails       *notifications.Service
	Accounts    *accounts.Service
	Apps        *oauth.Service
	Communities *communities.Service
	Posts       *posts.Service
	History     *history.Service
	Timelines   *timelines.Service
	Streams     *streaming.Service
	Push        *push.Service
	Reading     *reading.Service
	Departures  *departures.Service
	Moderation  *moderation.Service
	Inbox       *inbox.Inbox
	Documents   *documents.Handler
	Mastodon    *mastodon.Handler
	Web         *web.Handler

	now      func() time.Time
	begin    bool
	services *embedded.Services // nil: DATABASE_URL and REDIS_URL are given
	meters   *meters
	refusals *refusals
	crowd    *crowd
	router   http.Handler
	draining atomic.Bool
}

// Open starts the private services where none are given, migrates the
// database, and builds every part.
func Open(ctx context.Context, cfg config.Config, o Options) (*Server, error) {
	s := newServer(cfg, o)
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// newServer is a server of which nothing is open.
func newServer(cfg config.Config, o Options) *Server {
	s := &Server{Config: cfg, Log: o.Log, now: o.Now, begin: o.Begin, IRIs: federation.IRIs{Origin: cfg.Origin}, meters: newMeters(),
		refusals: newRefusals(), crowd: newCrowd()}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s
}

func (s *Server) open(ctx context.Context) error {
	databaseURL, redisURL, err := s.startServices(ctx)
	if err != nil {
		return err
	}
	if err := storage.Migrate(ctx, databaseURL); err != nil {
		return err
	}
	if s.DB, err = storage.Open(ctx, databaseURL, s.Config.DatabaseConns); err != nil {
		return err
	}
	fresh, err := actors.Fresh(ctx, s.DB)
	if err != nil {
		return err
	}
	key, err := secret(s.Config, fresh)
	if err != nil {
		return err
	}
	if err := s.build(key, redisURL); err != nil {
		return err
	}
	if _, err := s.Directory.EnsureServer(ctx); err != nil {
		return err
	}
	return nil
}

// startServices gives the addresses of PostgreSQL and Redis, private ones
// where the settings name none.
func (s *Server) startServices(ctx context.Context) (databaseURL, redisURL string, err error) {
	databaseURL, redisURL = s.Config.DatabaseURL, s.Config.RedisURL
	if s.Config.RedisIsOpen() {
		s.Log.Warn(redisIsOpen)
	}
	if databaseURL != "" && redisURL != "" {
		return databaseURL, redisURL, nil
	}
	if !s.begin && !embedded.Began(s.Config.Data) {
		return "", "", fault.New(fault.Invalid, fmt.Sprintf(
			"No server was started in %s: name its settings with --config, or start one with passerelles serve.", s.Config.Data))
	}
	if s.services, err = embedded.Start(ctx, s.Config.Data, embedded.Options{Log: s.Log}); err != nil {
		return "", "", err
	}
	if s.services.Warning != "" {
		s.Log.Warn(s.services.Warning)
	}
	if databaseURL == "" {
		databaseURL = s.services.DatabaseURL
	}
	if redisURL == "" {
		redisURL = s.services.RedisURL
	}
	return databaseURL, redisURL, nil
}

// Close ends what Open began. Requests and work have ended before.
func (s *Server) Close() error {
	var errs []error
	if s.DB != nil {
		s.DB.Close()
	}
	if s.services != nil {
		ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
		defer cancel()
		errs = append(errs, s.services.Stop(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
