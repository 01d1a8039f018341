package server

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// healthz says that the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") }

// readyz says whether requests should be sent here: not while the database is
// away or while we drain. Redis away only delays, so it is told and not refused.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if s.draining.Load() {
		notReady(w, "stopping")
		return
	}
	if err := s.DB.Ping(ctx); err != nil {
		notReady(w, "the database is away")
		return
	}
	if err := s.Jobs.Ping(ctx); err != nil {
		fmt.Fprintln(w, "ok, but Redis is away: work waits")
		return
	}
	fmt.Fprintln(w, "ok")
}

func notReady(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "10")
	http.Error(w, why, http.StatusServiceUnavailable)
}

// serveMeters shows the metrics on a listener of their own, which no visitor
// reaches. That the address is taken stops nothing: it is told.
func (s *Server) serveMeters(ctx context.Context) error {
	listener, err := net.Listen("tcp", s.Config.MetricsListen)
	if err != nil {
		s.Log.Warn("no metrics are shown", "address", s.Config.MetricsListen, "error", err)
		return nil
	}
	meters := http.NewServeMux()
	meters.Handle("GET /metrics", promhttp.HandlerFor(s.meters.registry, promhttp.HandlerOpts{}))
	meters.Handle("GET /debug/pprof/", nearOnly(pprof.Index))
	meters.Handle("GET /debug/pprof/profile", nearOnly(pprof.Profile))
	return s.answerOn(ctx, listener, meters)
}

// WorkAlone runs the workers and shows their metrics, until ctx ends.
func (s *Server) WorkAlone(ctx context.Context) error {
	if s.Config.MetricsListen == "" {
		return s.Work(ctx)
	}
	ctx, cancel := context.WithCancel(ctx)
	shown := make(chan error, 1)
	go func() { shown <- s.serveMeters(ctx) }()
	err := s.Work(ctx)
	cancel()
	return errors.Join(err, <-shown)
}

// quietLog takes what net/http says of broken connections, which is weather.
func (s *Server) quietLog() *log.Logger { return slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug) }

// nearOnly shows a profile to this machine only: it tells more than metrics, and
// costs more.
func nearOnly(show http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !from.Addr().Unmap().IsLoopback() {
			http.NotFound(w, r)
			return
		}
		show(w, r)
	})
}
