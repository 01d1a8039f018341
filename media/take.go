package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/storage"
)

const (
	fileSide  = 2048   // points: how large a member's picture is kept
	eraseKind = "file" // of the job that throws a file away
)

// WaitingFor is how long a file waits for its post.
const WaitingFor = 6 * time.Hour

// Limits are what members may attach, in bytes and numbers.
type Limits struct {
	Size   int64 // of one file
	Post   int   // files of one post
	Sum    int64 // bytes of all files of one post
	Member int64 // bytes of all files of one member
}

var (
	errTooLarge = fault.New(fault.TooLarge, "This file is too large.")
	errNoRoom   = fault.Later(fault.Unavailable, "Files cannot be kept now.", time.Minute)
)

// Take keeps a file for a post that its owner is about to write, for some hours: Hang puts it
// there. What it is its bytes tell; a picture is written anew, with nothing but what is seen.
func (s *Service) Take(ctx context.Context, owner actors.ID, name string, from io.Reader) (File, error) {
	draft, err := s.shelf.newDraft()
	if err != nil {
		s.Log.Error("keep a file", "error", err)
		return File{}, errNoRoom
	}
	defer discard(draft)
	size, err := io.Copy(onDisk{draft}, io.LimitReader(from, s.Files.Size+1))
	if disk := (*diskError)(nil); errors.As(err, &disk) {
		s.Log.Error("keep a file", "error", err)
		return File{}, errNoRoom
	}
	switch {
	case err != nil:
		return File{}, fault.Wrap(fault.Invalid, "This file did not come whole.", err)
	case size > s.Files.Size:
		return File{}, errTooLarge
	case size == 0:
		return File{}, fault.New(fault.Invalid, "This file is empty.")
	}
	f := File{ID: storage.NewID(s.Now()), Owner: owner, At: s.Now()}
	kept, err := s.read(ctx, &f, draft, size)
	if err != nil {
		return File{}, s.told(err)
	}
	defer discard(kept)
	f.Name = nameFor(name, f.Type)
	return f, s.shelve(ctx, f, kept)
}

// read finds what a file is, and gives what is kept of it.
func (s *Service) read(ctx context.Context, f *File, draft *os.File, size int64) (*os.File, error) {
	if _, _, err := formatOf(draft); err != nil {
		if f.Type, err = documentType(draft, size); err != nil {
			return nil, err
		}
		f.Size = size
		return draft, sumOf(f, draft)
	}
	if _, err := draft.Seek(0, io.SeekStart); err != nil {
		return nil, &diskError{err}
	}
	p, err := s.remake(ctx, draft, fileSide, func() error { return nil })
	if err != nil {
		return nil, err
	}
	again, err := s.shelf.newDraft()
	if err != nil {
		return nil, &diskError{err}
	}
	if _, err := again.Write(p.content); err != nil {
		discard(again)
		return nil, &diskError{err}
	}
	f.Type, f.Blurhash, f.Width, f.Height, f.Size = p.mediaType, p.blurhash, p.size.X, p.size.Y, int64(len(p.content))
	sum := sha256.Sum256(p.content)
	f.Sum = hex.EncodeToString(sum[:])
	return again, nil
}

func sumOf(f *File, content *os.File) error {
	sum := sha256.New()
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return &diskError{err}
	}
	if _, err := io.Copy(sum, content); err != nil {
		return &diskError{err}
	}
	f.Sum = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// told is what a member hears of a file that is not taken.
func (s *Service) told(err error) error {
	if disk := (*diskError)(nil); errors.As(err, &disk) {
		s.Log.Error("keep a file", "error", err)
		return errNoRoom
	}
	if errors.Is(err, errBusy) {
		return fault.Later(fault.Unavailable, "Files cannot be kept now.", time.Minute)
	}
	return err
}

// shelve has the file on the disk before there is a row that names it.
func (s *Service) shelve(ctx context.Context, f File, kept *os.File) error {
	if err := s.shelf.put(kept, f.ID); err != nil {
		s.Log.Error("keep a file", "error", err)
		return errors.Join(errNoRoom, s.shelf.remove(f.ID))
	}
	err := s.DB.Write(ctx, func(tx storage.Tx) error {
		held, err := heldBy(ctx, tx, f.Owner)
		if err != nil {
			return err
		}
		if held+f.Size > s.Files.Member {
			return fault.New(fault.TooLarge, "Your files have no more room here: delete some first.")
		}
		return insertFile(ctx, tx, f)
	})
	if err != nil { // should the row be there all the same, it leads to nothing, and is swept
		return errors.Join(err, s.shelf.remove(f.ID))
	}
	return nil
}

// OpenFile gives the bytes of a file. Whoever gets them closes it.
func (s *Service) OpenFile(f File) (*os.File, error) {
	file, err := s.shelf.open(f)
	if errors.Is(err, errDamaged) {
		s.Log.Error("a file of a member is damaged: bring it back from a backup", "file", s.shelf.place(f.ID))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "This file cannot be read now.", err)
	}
	return file, nil
}

// Drop takes files back that their owner took and did not hang on a post.
func (s *Service) Drop(ctx context.Context, owner actors.ID, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		gone, err := deleteWaiting(ctx, tx, owner, ids)
		if err != nil {
			return err
		}
		return s.eraseLater(ctx, tx, gone)
	})
}

// ForgetFiles lets go of all that somebody attached, and of their portrait: they leave.
func (s *Service) ForgetFiles(ctx context.Context, tx storage.Tx, owner actors.ID) error {
	if err := deletePortrait(ctx, tx, owner); err != nil {
		return err
	}
	gone, err := deleteFilesBy(ctx, tx, owner)
	if err != nil {
		return err
	}
	return s.eraseLater(ctx, tx, gone)
}

// forgetWaiting lets go of files for which no post came.
func (s *Service) forgetWaiting(ctx context.Context) error {
	return all(func() (n int64, err error) {
		err = s.DB.Write(ctx, func(tx storage.Tx) error {
			gone, err := deleteWaitingBefore(ctx, tx, s.Now().Add(-WaitingFor))
			n = int64(len(gone))
			if err != nil {
				return err
			}
			return s.eraseLater(ctx, tx, gone)
		})
		return n, err
	})
}

// eraseLater has the bytes thrown away once their rows are, for sure, no more.
func (s *Service) eraseLater(ctx context.Context, tx storage.Tx, ids []int64) error {
	for _, id := range ids {
		if err := jobs.Add(ctx, tx, eraseKind, strconv.FormatInt(id, 10), nil, s.Now()); err != nil {
			return err
		}
	}
	return nil
}

// Register has the engine throw files away.
func (s *Service) Register(e *jobs.Engine) { e.Handle(eraseKind, s.erase) }

func (s *Service) erase(ctx context.Context, j jobs.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return jobs.Abandon(err)
	}
	here, err := knownFiles(ctx, s.DB, []int64{id})
	if err != nil || here[id] {
		return err
	}
	if err := s.shelf.remove(id); err != nil {
		return fmt.Errorf("throw a file away: %w", err)
	}
	return nil
}

// takeFor is how long a form with files may take to come whole, and to be answered.
const takeFor = 5 * time.Minute

// Patient gives a form with files the time that it needs: others have less.
func Patient(w http.ResponseWriter) error {
	patient, until := http.NewResponseController(w), time.Now().Add(takeFor)
	err := errors.Join(patient.SetReadDeadline(until), patient.SetWriteDeadline(until))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// Types are those of the pictures and documents that are taken.
func Types() []string {
	return []string{"image/jpeg", "image/png", "image/gif", "image/webp", typePDF, typeWord, typeSheet, typeSlides, typeText, typeTable, typeShow}
}
