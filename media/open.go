package media

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"passerelles/fault"
)

const (
	// A failure is not tried again at once, nor given up for ever.
	firstPause   = 5 * time.Minute // after a server that does not answer, doubled each time
	longestPause = 24 * time.Hour  // also after a file that is no picture

	usedEach = 24 * time.Hour // how exactly we know when a copy was looked at
)

// Copy is our copy of a picture. Whoever gets it closes its file.
type Copy struct {
	*os.File
	Hash, Type string
}

// Open gives our copy of a picture, and makes it if there is none. What cannot be shown
// is fault.NotFound; what could be later is fault.Unavailable.
func (s *Service) Open(ctx context.Context, src Source) (Copy, error) {
	c, _, err := s.look(ctx, src)
	if !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	if err := s.once(ctx, src); err != nil {
		return Copy{}, err
	}
	c, _, err = s.look(ctx, src)
	if errors.Is(err, fs.ErrNotExist) {
		return Copy{}, fault.Wrap(fault.Unavailable, "This picture cannot be shown now.", err)
	}
	return c, err
}

// look gives our copy, or fs.ErrNotExist where it is time to make one.
func (s *Service) look(ctx context.Context, src Source) (Copy, kept, error) {
	k, err := copyOf(ctx, s.DB, src.Ref)
	if err != nil {
		return Copy{}, k, err
	}
	if k.URL != src.url {
		k = kept{} // of what stood there before
	}
	c, err := s.openKept(ctx, src, k)
	return c, k, err
}

// openKept gives the copy of which there is a row, or tells again why there is none;
// fs.ErrNotExist where it is time to make one.
func (s *Service) openKept(ctx context.Context, src Source, k kept) (Copy, error) {
	now := s.Now()
	switch {
	case k.URL == "" || k.AgainAt != nil && !now.Before(*k.AgainAt):
		return Copy{}, fs.ErrNotExist
	case k.AgainAt != nil && k.Away:
		return Copy{}, fault.Later(fault.Unavailable, "This picture cannot be shown now.", k.AgainAt.Sub(now))
	case k.AgainAt != nil:
		return Copy{}, errNothing
	}
	file, err := s.folder.open(k.File)
	if err != nil {
		return Copy{}, err
	}
	if now.Sub(k.UsedAt) >= usedEach {
		if err := touchCopy(ctx, s.DB, src.Ref, now); err != nil {
			return Copy{}, errors.Join(err, file.Close())
		}
	}
	return Copy{File: file, Hash: k.File, Type: k.Type}, nil
}

// once makes a copy for all who ask for it at this time. It is finished even if they
// all leave: the next visitor will want it.
func (s *Service) once(ctx context.Context, src Source) error {
	made := s.flights.DoChan(src.String()+" "+src.url, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.patience)
		defer cancel()
		c, before, err := s.look(ctx, src)
		if errors.Is(err, errDamaged) {
			s.Log.Warn("a copy of a picture is damaged and made again", "file", before.File, "url", src.url)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, s.make(ctx, src, before)
		}
		if err == nil { // made since we looked
			err = c.Close()
		}
		return nil, err
	})
	select {
	case r := <-made:
		return r.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}
