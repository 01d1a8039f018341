package server

import (
	"context"
	"errors"
	"time"
)

const (
	sweepEach = time.Hour
	sweepLook = time.Minute // between two looks whether it is time
	sweepLock = 0x73776570  // the advisory lock of scheduled work: "swep"
)

// sweep throws away what has had its time, once an hour for all processes. Files are
// tidied by each: its folder may be its own.
func (s *Server) sweep(ctx context.Context) error {
	tick, tidy := time.NewTicker(sweepLook), time.NewTicker(sweepEach)
	defer tick.Stop()
	defer tidy.Stop()
	for {
		if _, err := s.sweepOnce(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("sweep", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-tidy.C:
			if err := s.Media.Tidy(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("tidy the pictures", "error", err)
			}
		}
	}
}

// sweepOnce sweeps if it is time and no other process does; swept says whether
// it did. What failed is done again: the time is noted at the end.
func (s *Server) sweepOnce(ctx context.Context) (swept bool, err error) {
	now := s.now()
	if since, err := s.Directory.SweptAt(ctx); err != nil || now.Sub(since) < sweepEach {
		return false, err // most often: nobody is asked for the lock
	}
	unlock, ours, err := s.DB.TryLock(ctx, sweepLock)
	if err != nil || !ours {
		return false, err
	}
	defer unlock()
	since, err := s.Directory.SweptAt(ctx) // another may have, before the lock was ours
	if err != nil || now.Sub(since) < sweepEach {
		return false, err
	}
	if err := s.sweepAll(ctx, since); err != nil {
		return false, err
	}
	s.Log.Info("what has had its time is thrown away")
	return true, s.Directory.NoteSweep(ctx, now)
}

// sweepAll has each owner forget; one that fails keeps none of the others from it.
func (s *Server) sweepAll(ctx context.Context, since time.Time) error {
	return errors.Join(
		s.Directory.Sweep(ctx),
		s.Accounts.Sweep(ctx),
		s.Apps.Sweep(ctx),
		s.Communities.Sweep(ctx),
		s.Mails.Sweep(ctx),
		s.Posts.Sweep(ctx),
		s.Media.Sweep(ctx),
		s.Courier.Sweep(ctx),
		s.Inbox.Sweep(ctx, since),
		s.Streams.Sweep(ctx, s.now()),
		s.Web.Sweep(ctx),
	)
}
