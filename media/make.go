package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"passerelles/fault"
	"passerelles/federation"
)

const (
	mostBytes = 16 << 20        // of a file that we fetch
	noteFor   = 5 * time.Second // to write down what came of it

	mostDeaths = 3 // of processes that decoded it
)

// make fetches a picture, writes our copy of it, and notes either that or why there is
// none. What is not the picture's fault is not noted: our disk, our haste.
func (s *Service) make(ctx context.Context, src Source, before kept) error {
	free, err := s.place(ctx, federation.Host(src.url))
	if err != nil {
		return err
	}
	k, err := s.fetch(ctx, src, before, free)
	if disk := (*diskError)(nil); errors.As(err, &disk) {
		s.Log.Error("keep a copy of a picture", "error", disk)
		err = fault.Later(fault.Unavailable, "This picture cannot be shown now.", time.Minute)
		return errors.Join(err, s.note(ctx, src, before))
	}
	if errors.Is(err, errBusy) {
		return err
	}
	if err != nil {
		s.Log.Debug("no copy of a picture", "url", src.url, "error", err)
		k = s.failed(before, err)
	}
	k.URL, k.UsedAt = src.url, s.Now()
	return s.note(ctx, src, k)
}

// note writes down what is known of a picture, the zero kept for nothing.
func (s *Service) note(ctx context.Context, src Source, k kept) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor) // the time that is over was for the other server
	defer cancel()
	if k.URL == "" {
		return deleteCopy(ctx, s.DB, src.Ref)
	}
	return upsertCopy(ctx, s.DB, src, k)
}

// noteBegun writes down that a picture is about to be decoded. Should it end the process,
// nobody says how it went: after a few times it counts as one that cannot be shown.
func (s *Service) noteBegun(ctx context.Context, src Source, before kept) error {
	k := before
	k.URL, k.UsedAt, k.AgainAt = src.url, s.Now(), nil
	if k.Deaths++; k.Deaths >= mostDeaths {
		at := s.Now().Add(longestPause)
		k.Away, k.AgainAt = false, &at
	}
	return s.note(ctx, src, k)
}

// failed says when to try again.
func (s *Service) failed(before kept, err error) kept {
	k := kept{Failures: min(before.Failures+1, 20), Away: fault.Is(err, fault.Unavailable)}
	pause := longestPause
	if k.Away {
		pause = min(max(firstPause<<(k.Failures-1), fault.After(err)), longestPause)
	}
	at := s.Now().Add(pause)
	k.AgainAt = &at
	return k
}

// fetch brings the file into a draft, and makes our copy of it. The place among those
// who fetch is free again before the picture is decoded.
func (s *Service) fetch(ctx context.Context, src Source, before kept, free func()) (kept, error) {
	file, err := s.bring(ctx, src, free)
	if file != nil {
		defer discard(file)
	}
	if err != nil {
		return kept{}, err
	}
	p, err := s.remake(ctx, file, longestSide[src.Kind], func() error { return s.noteBegun(ctx, src, before) })
	if err != nil {
		return kept{}, err
	}
	name, err := s.folder.keep(p.content)
	if err != nil {
		return kept{}, &diskError{err}
	}
	return kept{File: name, Type: p.mediaType, Blurhash: p.blurhash, Size: int64(len(p.content))}, nil
}

func (s *Service) bring(ctx context.Context, src Source, free func()) (*os.File, error) {
	defer free()
	file, err := s.folder.newDraft()
	if err != nil {
		return nil, &diskError{err}
	}
	copyFile := s.Client.CopyFile
	if src.narrow() {
		copyFile = s.Client.CopyFileSigned
	}
	err = copyFile(ctx, onDisk{file}, src.url, mostBytes)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	return file, err
}

// diskError is a failure of our own disk, where others would be the other server's.
type diskError struct{ err error }

func (e *diskError) Error() string { return fmt.Sprintf("the disk: %v", e.err) }

func (e *diskError) Unwrap() error { return e.err }

// onDisk tells failures of the disk from those of the network.
type onDisk struct{ file *os.File }

func (d onDisk) Write(b []byte) (int, error) {
	n, err := d.file.Write(b)
	if err != nil {
		err = &diskError{err}
	}
	return n, err
}
