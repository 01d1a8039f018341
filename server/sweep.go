package server

import (
	"context"
	"errors"
	"time"
)

const (
	sweepEach = time.Hour
	sweepLock = 0x70617373 // the advisory lock of scheduled work
)

// sweep throws away what has had its time, once for all processes.
func (s *Server) sweep(ctx context.Context) error {
	tick := time.NewTicker(sweepEach)
	defer tick.Stop()
	for {
		if err := s.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("sweep", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (s *Server) sweepOnce(ctx context.Context) error {
	unlock, ours, err := s.DB.TryLock(ctx, sweepLock)
	if err == nil && ours {
		err = errors.Join(s.Accounts.Sweep(ctx), s.Posts.Sweep(ctx), s.Media.Sweep(ctx))
		unlock()
	}
	return errors.Join(err, s.Media.Tidy(ctx)) // each process has its own folder, or all the same
}
