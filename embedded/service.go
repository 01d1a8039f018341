package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"syscall"
	"time"
)

const (
	startTimeout = 60 * time.Second       // a first start, or a recovery, on a slow machine
	look         = 10 * time.Millisecond  // how often we look whether a start is done
	watch        = 250 * time.Millisecond // and whether a server is still there
)

// service keeps one server running for all processes that use its folder. Who
// holds the lock owns the server, and starts it again if it dies; the others
// try the lock now and then, so that one of them takes over.
type service struct {
	name    string
	log     *slog.Logger
	lock    string // path
	as      account
	command func(context.Context) (*process, error) // starts the server
	answers func(context.Context) error             // nil when it can be used
	leaving func() bool                             // an owner's that died is still stopping
	polite  syscall.Signal                          // asks it to stop

	held    *fileLock // nil: somebody else owns the server
	child   *process  // nil: we own none, or found one running
	cancel  context.CancelFunc
	watched chan struct{} // closed when nobody watches any more
}

func newService(h *home, name string, opts Options) *service {
	return &service{name: name, log: cmp.Or(opts.Log, slog.Default()), lock: filepath.Join(h.dir, name+".lock"), as: h.as}
}

// start returns once the server answers, ours or another's, and has it watched.
func (s *service) start(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout,
		fmt.Errorf("%s did not answer within %v", s.name, startTimeout))
	defer cancel()
	for {
		owner, err := s.own()
		if err != nil {
			return err
		}
		if owner {
			if err := s.bring(ctx); err != nil {
				s.release()
				return err
			}
			break
		}
		if s.answers(ctx) == nil {
			break
		}
		if pause(ctx, look) != nil {
			return context.Cause(ctx)
		}
	}
	watching, cancelWatch := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel, s.watched = cancelWatch, make(chan struct{})
	go s.keep(watching)
	return nil
}

// stop ends the watch, then the server if it is ours.
func (s *service) stop(ctx context.Context) error {
	if s.cancel == nil {
		return nil
	}
	s.cancel()
	<-s.watched
	var err error
	if s.child != nil {
		err = s.child.end(ctx, s.polite)
	}
	s.release()
	return err
}

// own takes the lock if it can be had.
func (s *service) own() (bool, error) {
	if s.held != nil {
		return true, nil
	}
	lock, ok, err := tryLock(s.lock)
	if !ok {
		return false, err
	}
	s.held = lock
	return true, s.as.give(lock.file)
}

func (s *service) release() {
	if s.held != nil {
		s.held.free()
		s.held = nil
	}
}

// bring makes the server answer, as its owner. One that runs without an owner
// is used if it lasts: just after a kill -9 it is about to stop.
func (s *service) bring(ctx context.Context) error {
	for s.leaving() {
		if s.answers(ctx) == nil && s.lasts(ctx) {
			s.log.Warn("using a server that was running already", "server", s.name)
			return nil
		}
		if pause(ctx, look) != nil {
			return context.Cause(ctx)
		}
	}
	child, err := s.command(ctx)
	if err != nil {
		return err
	}
	for s.answers(ctx) != nil {
		select {
		case <-child.done:
			return fmt.Errorf("%s ended at once: %w (its log is beside its lock, %s)", s.name, child.err, s.lock)
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), child.end(ctx, s.polite))
		case <-time.After(look):
		}
	}
	s.child = child
	return nil
}

func (s *service) lasts(ctx context.Context) bool {
	for range 10 {
		if pause(ctx, 50*time.Millisecond) != nil || s.answers(ctx) != nil {
			return false
		}
	}
	return true
}

// keep brings the server back whenever it is gone.
func (s *service) keep(ctx context.Context) {
	defer close(s.watched)
	for pause(ctx, watch) == nil {
		if owner, err := s.own(); err != nil || !owner || s.runs(ctx) {
			continue
		}
		s.log.Warn("starting a server again", "server", s.name)
		bounded, cancel := context.WithTimeout(ctx, startTimeout)
		if err := s.bring(bounded); err != nil && ctx.Err() == nil {
			s.log.Error("a server does not start", "server", s.name, "error", err)
			_ = pause(ctx, 5*time.Second) // the loop sees the end of ctx
		}
		cancel()
	}
}

func (s *service) runs(ctx context.Context) bool {
	if s.child != nil {
		return !s.child.ended()
	}
	return s.answers(ctx) == nil
}
