package media

import (
	"context"
	"slices"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

const longestAlt = 1500 // characters

// Attach names a file that is to hang on a post.
type Attach struct {
	ID  int64
	Alt string
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
		return nil, fault.New(fault.NotFound, "One of the files is no longer here: attach it again.")
	}
	return s.hang(ctx, tx, post, wanted, found)
}

func (s *Service) hang(ctx context.Context, tx storage.Tx, post int64, wanted []Attach, found []File) ([]File, error) {
	hung, sum := make([]File, 0, len(wanted)), int64(0)
	for place, a := range wanted {
		f := found[slices.IndexFunc(found, func(f File) bool { return f.ID == a.ID })]
		f.Post, f.Place, f.Alt = post, place, altOf(a.Alt)
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
	if letters := []rune(said); len(letters) > longestAlt {
		return string(letters[:longestAlt])
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

// FilesBy gives all that somebody attached to a post, the oldest first.
func (s *Service) FilesBy(ctx context.Context, owner actors.ID) ([]File, error) {
	return filesBy(ctx, s.DB, owner)
}

// Unhang takes the files of a post away, in the transaction that deletes it.
func (s *Service) Unhang(ctx context.Context, tx storage.Tx, post int64) error {
	gone, err := deleteOthers(ctx, tx, post, nil)
	if err != nil {
		return err
	}
	return s.eraseLater(ctx, tx, gone)
}
