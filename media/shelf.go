package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const shelfDraftsFor = 24 * time.Hour // a file on the disk is younger than its row, or nobody's

// shelf holds the files of members, each under its id, in one of 256 folders. A file under
// its name is whole and on the disk. All processes of a server have the same shelf.
type shelf struct{ folder }

func (s shelf) place(id int64) string {
	name := fmt.Sprintf("%016x", id)
	return filepath.Join(s.path, name[len(name)-2:], name)
}

// put gives a draft its name, and returns when a crash would not take it away.
func (s shelf) put(draft *os.File, id int64) error {
	place := s.place(id)
	if err := draft.Sync(); err != nil {
		return fmt.Errorf("write a file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(place), 0o700); err != nil {
		return fmt.Errorf("make a folder of files: %w", err)
	}
	if err := os.Rename(draft.Name(), place); err != nil {
		return err
	}
	return errors.Join(syncFolder(filepath.Dir(place)), syncFolder(s.path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// remove throws a file away; that it is not there is as well.
func (s shelf) remove(id int64) error {
	if err := os.Remove(s.place(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// open opens a file that holds what its row says.
func (s shelf) open(f File) (*os.File, error) { return openSummed(s.place(f.ID), f.Sum) }

// tidyShelf removes what has no row and had time to get one: drafts, and files whose
// process died before it was written down or after it was taken back.
func (s *Service) tidyShelf(ctx context.Context) error {
	parts, err := s.shelf.parts()
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err := s.tidyShelfPart(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) tidyShelfPart(ctx context.Context, part string) error {
	names, err := filesBefore(part, s.Now().Add(-shelfDraftsFor))
	if err != nil {
		return err
	}
	byName, ids := map[string]int64{}, []int64{}
	for _, name := range names {
		id, err := strconv.ParseInt(name, 16, 64)
		if err != nil || len(name) != 16 { // a draft
			id = 0
		}
		byName[name], ids = id, append(ids, id)
	}
	here, err := knownFiles(ctx, s.DB, ids)
	if err != nil {
		return err
	}
	for name, id := range byName {
		if here[id] {
			continue
		}
		if err := os.Remove(filepath.Join(part, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
