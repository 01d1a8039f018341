package media

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// draftPrefix begins the names of files that are being written.
const draftPrefix = "draft-"

// folder holds the files of copies, each under the hash of what it holds, in one of
// 256 folders. A file under its name is whole.
type folder struct {
	path  string
	draft func(folder string) (*os.File, error) // but for tests: a file to write in
}

func newFolder(path string) folder {
	return folder{path: path, draft: func(folder string) (*os.File, error) {
		return os.CreateTemp(folder, draftPrefix+"*") // made 0600
	}}
}

// newDraft makes a file to write in, beside those that it may join.
func (f folder) newDraft() (*os.File, error) {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of copies: %w", err)
	}
	return f.draft(f.path)
}

func discard(draft *os.File) {
	_ = draft.Close()           // it was synced before, or is not wanted
	_ = os.Remove(draft.Name()) // it may have its right name already
}

func (f folder) place(name string) string { return filepath.Join(f.path, name[:2], name) }

// keep writes a file, over the same one if it is here, and gives its name. Who finds
// the disk full leaves nothing.
func (f folder) keep(content []byte) (name string, err error) {
	sum := sha256.Sum256(content)
	name = hex.EncodeToString(sum[:])
	draft, err := f.newDraft()
	if err != nil {
		return "", err
	}
	defer discard(draft)
	if _, err := draft.Write(content); err != nil {
		return "", fmt.Errorf("write a copy: %w", err)
	}
	if err := draft.Sync(); err != nil {
		return "", fmt.Errorf("write a copy: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.place(name)), 0o700); err != nil {
		return "", fmt.Errorf("make the folder of copies: %w", err)
	}
	return name, os.Rename(draft.Name(), f.place(name))
}

// errDamaged is a file that does not hold what it should: as good as none.
var errDamaged = fmt.Errorf("a copy is damaged: %w", fs.ErrNotExist)

// open opens a file that holds what its name says, and nothing else: copies are small
// enough to be read each time.
func (f folder) open(name string) (*os.File, error) {
	if len(name) != 2*sha256.Size {
		return nil, fs.ErrNotExist
	}
	return openSummed(f.place(name), name)
}

// openSummed opens a file if its SHA-256 is as it should be.
func openSummed(place, want string) (*os.File, error) {
	file, err := os.Open(place)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != want {
		err = errDamaged
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// parts are the folders in which there may be files.
func (f folder) parts() ([]string, error) {
	entries, err := os.ReadDir(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	parts := []string{f.path} // where drafts are
	for _, e := range entries {
		if e.IsDir() && len(e.Name()) == 2 {
			parts = append(parts, filepath.Join(f.path, e.Name()))
		}
	}
	return parts, err
}

// filesBefore gives the names of the files of a part that were written before.
func filesBefore(part string, before time.Time) (names []string, err error) {
	entries, err := os.ReadDir(part)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil { // another process removed it
			continue
		}
		ours := len(e.Name()) == 2*sha256.Size || len(e.Name()) == 16 || strings.HasPrefix(e.Name(), draftPrefix)
		if info.Mode().IsRegular() && info.ModTime().Before(before) && ours {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
