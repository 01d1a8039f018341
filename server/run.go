package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"passerelles/fault"
	"passerelles/outbox"
	"passerelles/storage"
)

const (
	headerTimeout = 10 * time.Second // to read a request's head
	readTimeout   = 30 * time.Second // to read it whole
	writeTimeout  = 60 * time.Second // to answer it
	idleTimeout   = 2 * time.Minute  // between two requests of one connection
	drainTimeout  = 20 * time.Second // for requests at work when we stop
)

// Serve answers requests and works until ctx ends, then drains: it takes no
// new request, finishes those at work, releases what the workers held.
func (s *Server) Serve(ctx context.Context) error {
	listener, err := s.listen()
	if err != nil {
		return err
	}
	return s.ServeOn(ctx, listener)
}

// ServeOn is Serve on a listener that stands already.
func (s *Server) ServeOn(ctx context.Context, listener net.Listener) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.answerOn(ctx, listener, s.Handler()) })
	if s.Ready != nil {
		s.Ready() // the listener stands: whoever comes now is answered
	}
	if s.Config.MetricsListen != "" {
		group.Go(func() error { return s.serveMeters(ctx) })
	}
	group.Go(func() error { return s.Streams.Run(ctx) })
	group.Go(func() error { return s.Work(ctx) })
	return group.Wait()
}

// Work runs the workers alone, until ctx ends.
func (s *Server) Work(ctx context.Context) error {
	if err := errors.Join(s.tellPause(ctx), s.tellDurable(ctx)); err != nil { // the database may be away for a moment
		s.Log.Warn("look whether deliveries are paused, and whether the database is safe", "error", err)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.Jobs.Run(ctx) })
	group.Go(func() error { return s.pulse(ctx) })
	group.Go(func() error { return s.sweep(ctx) })
	return group.Wait()
}

// tellPause says in the log that nothing is sent, lest it be looked for elsewhere.
func (s *Server) tellPause(ctx context.Context) error {
	pause, paused, err := outbox.Paused(ctx, s.DB)
	if paused {
		s.Log.Warn("deliveries are paused until: passerelles deliveries resume", "since", pause.Since, "reason", pause.Reason)
	}
	return err
}

// tellDurable says in the log that what is taken may be lost.
func (s *Server) tellDurable(ctx context.Context) error {
	because, err := s.DB.Durable(ctx)
	if because != "" {
		s.Log.Warn(because)
	}
	return err
}

func (s *Server) listen() (net.Listener, error) {
	listener, err := net.Listen("tcp", s.Config.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", s.Config.Listen, err)
	}
	if s.Config.TLSCert == "" {
		return listener, nil
	}
	certificate, err := s.loadCertificate()
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}), nil
}

// answerOn answers on a listener until ctx ends, then drains it.
func (s *Server) answerOn(ctx context.Context, listener net.Listener, handler http.Handler) error {
	site := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          s.quietLog(),
		ConnState:         s.crowd.changed,
		BaseContext:       func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	failed := make(chan error, 1)
	go func() { failed <- site.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	drain, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	err := site.Shutdown(drain)
	<-failed
	return err
}

// pulse notes from time to time that this server lives, so that after an outage of
// ours what was missed is asked for. It ends the process once a newer one has taken
// away from the database what this one uses.
func (s *Server) pulse(ctx context.Context) error {
	tick := time.NewTicker(30 * time.Second)
	defer tick.Stop()
	for {
		if err := s.History.Pulse(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("note the sign of life", "error", err)
		}
		if err := storage.Suits(ctx, s.DB); fault.Is(err, fault.Forbidden) {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
