package media

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	failuresFor = 7 * 24 * time.Hour // since somebody last asked
	filesFor    = time.Hour          // a file is younger than its row
)

// Sweep forgets copies that may not be here any more, and of the others those that
// were not looked at for longest, until all fit in their room with a tenth to spare.
// One process does it for all.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(
		s.forgetSuspended(ctx),
		all(func() (int64, error) { return deleteLost(ctx, s.DB) }),
		all(func() (int64, error) { return deleteFailures(ctx, s.DB, s.Now().Add(-failuresFor)) }),
		s.makeRoom(ctx),
		s.forgetWaiting(ctx),
	)
}

// all repeats a statement that deletes a part at a time.
func all(part func() (int64, error)) error {
	for {
		n, err := part()
		if err != nil || n < mostRows {
			return err
		}
	}
}

func (s *Service) forgetSuspended(ctx context.Context) error {
	hosts, err := hostsOfCopies(ctx, s.DB)
	if err != nil {
		return err
	}
	var suspended []string
	for _, host := range hosts {
		allowed, err := s.Hosts.ShowsMedia(ctx, host)
		if err != nil {
			return err
		}
		if !allowed {
			suspended = append(suspended, host)
		}
	}
	if len(suspended) == 0 {
		return nil
	}
	return all(func() (int64, error) { return deleteOfHosts(ctx, s.DB, suspended) })
}

func (s *Service) makeRoom(ctx context.Context) error {
	size, err := sizeOfCopies(ctx, s.DB)
	if err != nil || size <= s.Room {
		return err
	}
	for surplus := size - s.Room/10*9; surplus > 0; {
		freed, err := deleteOldest(ctx, s.DB, surplus)
		if err != nil || freed == 0 {
			return err
		}
		surplus -= freed
	}
	return nil
}

// Tidy removes the files of this process's folders that no row names. A young file
// stays, since its row may be on its way.
func (s *Service) Tidy(ctx context.Context) error {
	return errors.Join(s.tidyCopies(ctx), s.tidyShelf(ctx))
}

func (s *Service) tidyCopies(ctx context.Context) error {
	parts, err := s.folder.parts()
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := s.tidyPart(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tidyPart(ctx context.Context, part string) error {
	names, err := filesBefore(part, s.Now().Add(-filesFor))
	if err != nil || len(names) == 0 {
		return err
	}
	named, err := filesOf(ctx, s.DB, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.Contains(named, name) {
			continue
		}
		if err := os.Remove(filepath.Join(part, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
