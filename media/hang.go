package media

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// LongestAlt is how many characters may tell what a picture shows.
const LongestAlt = 1500

// ErrLost is told of files that are not their owner's to hang: unknown, another's, on another post.
var ErrLost = fault.New(fault.NotFound, "One of the files is no longer here: attach it again.")

// Focus is the point of a picture to keep in sight where it is cut: from -1 to 1, to the right and up.
type Focus struct{ X, Y float64 }

// Attach names a file that is to hang on a post.
type Attach struct {
	ID    int64
	Alt   *string // nil: as it was said before
	Focus *Focus  // likewise
}

// describe says of a file what is new.
func (a Attach) describe(f *File) {
	if a.Alt != nil {
		f.Alt = altOf(*a.Alt)
	}
	if a.Focus != nil && f.Picture() {
		f.FocusX, f.FocusY = a.Focus.X, a.Focus.Y
	}
}

// Hang has exactly these files on a post of their owner's, in this order, in the transaction
// that writes it. Files that were there before and are not named go.
func (s *Service) Hang(ctx context.Context, tx storage.Tx, owner actors.ID, post int64, wanted []Attach) ([]File, error) {
	var ids []int64
	for _, a := range wanted {
		if slices.Contains(ids, a.ID) {
			return nil, fault.New(fault.Invalid, "A file hangs on a post once.")
		}
		ids = append(ids, a.ID)
	}
	if len(ids) > s.Files.Post {
		return nil, fault.New(fault.Invalid, "These are too many files for one post.")
	}
	gone, err := deleteOthers(ctx, tx, post, ids)
	if err != nil {
		return nil, err
	}
	if err := s.eraseLater(ctx, tx, gone); err != nil || len(ids) == 0 {
		return nil, err
	}
	found, err := lockFiles(ctx, tx, owner, post, ids)
	if err != nil {
		return nil, err
	}
	if len(found) < len(ids) {
		return nil, ErrLost
	}
	return s.hang(ctx, tx, post, wanted, found)
}

func (s *Service) hang(ctx context.Context, tx storage.Tx, post int64, wanted []Attach, found []File) ([]File, error) {
	hung, sum := make([]File, 0, len(wanted)), int64(0)
	for place, a := range wanted {
		f := found[slices.IndexFunc(found, func(f File) bool { return f.ID == a.ID })]
		f.Post, f.Place = post, place
		a.describe(&f)
		sum += f.Size
		hung = append(hung, f)
	}
	if sum > s.Files.Sum {
		return nil, fault.New(fault.TooLarge, "These files are too large for one post.")
	}
	return hung, hangFiles(ctx, tx, hung)
}

// altOf keeps what describes a picture within bounds, on one line.
func altOf(said string) string {
	said = text.OneLine(said)
	if letters := []rune(said); len(letters) > LongestAlt {
		return string(letters[:LongestAlt])
	}
	return said
}

// Waiting gives those of the files that wait for a post of their owner's, in the order of ids.
func (s *Service) Waiting(ctx context.Context, owner actors.ID, ids []int64) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return waitingFiles(ctx, s.DB, owner, ids)
}

// Describe says of a file that waits for its post what it shows, and which point of it is to be kept
// in sight. FileOf's error is told of one that waits no more, too.
func (s *Service) Describe(ctx context.Context, owner actors.ID, a Attach) (f File, err error) {
	err = s.DB.Write(ctx, func(tx storage.Tx) error {
		found, err := lockFiles(ctx, tx, owner, 0, []int64{a.ID})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errNothing
		}
		f = found[0]
		a.describe(&f)
		return describeFile(ctx, tx, f)
	})
	return f, err
}

// FileOf gives a file of its owner's, whether it hangs on a post or waits for one: fault.NotFound if
// there is none.
func (s *Service) FileOf(ctx context.Context, owner actors.ID, id int64) (File, error) {
	return fileOf(ctx, s.DB, owner, id)
}

// FilesBy gives all that somebody attached to a post, the oldest first.
func (s *Service) FilesBy(ctx context.Context, owner actors.ID) ([]File, error) {
	return filesBy(ctx, s.DB, owner)
}

// Loosen has the files of a post wait for another of their owner's, in the transaction that deletes it.
func (s *Service) Loosen(ctx context.Context, tx storage.Tx, owner actors.ID, post int64) error {
	return loosenFiles(ctx, tx, owner, post, s.Now())
}

// Unhang takes the files of a post away, in the transaction that deletes it.
func (s *Service) Unhang(ctx context.Context, tx storage.Tx, post int64) error {
	gone, err := deleteOthers(ctx, tx, post, nil)
	if err != nil {
		return err
	}
	return s.eraseLater(ctx, tx, gone)
}
