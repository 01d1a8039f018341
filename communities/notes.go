package communities

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Note is what one who animates a community tells the others of a person.
type Note struct {
	ID                   int64
	Community, About, By actors.ID
	Words                string // plain text
	At                   time.Time
}

const (
	longestNote = 1000 // characters
	mostNotes   = 200
)

// AddNote keeps a note for those who animate a community.
func (s *Service) AddNote(ctx context.Context, animator, community, about actors.ID, words string) (Note, error) {
	words = strings.TrimSpace(words)
	switch {
	case words == "":
		return Note{}, fault.New(fault.Invalid, "There is nothing to keep: write something.")
	case utf8.RuneCountInString(words) > longestNote:
		return Note{}, fault.New(fault.TooLarge, "A note may have 1,000 characters.")
	}
	person, err := s.dir.ByID(ctx, about)
	if err != nil {
		return Note{}, err
	}
	if person.Kind == actors.Group || person.Kind == actors.Application {
		return Note{}, fault.New(fault.Invalid, "Notes are about people.")
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	n := Note{ID: storage.NewID(now), Community: community, About: about, By: animator, Words: words, At: now}
	return n, s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		return insertNote(ctx, tx, n)
	})
}

// Notes gives those about a person, the latest first, for those who animate.
func (s *Service) Notes(ctx context.Context, animator, community, about actors.ID) ([]Note, error) {
	if err := s.requireAnimator(ctx, s.db, community, animator); err != nil {
		return nil, err
	}
	return notesAbout(ctx, s.db, community, about, mostNotes)
}

// DropNote takes back a note; only who wrote it does.
func (s *Service) DropNote(ctx context.Context, animator, community actors.ID, id int64) error {
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		was, err := deleteNote(ctx, tx, community, animator, id)
		if err == nil && !was {
			err = fault.New(fault.NotFound, "There is no such note of yours.")
		}
		return err
	})
}

// MembersAt counts the members of a community who live on a server.
func (s *Service) MembersAt(ctx context.Context, q storage.Querier, community actors.ID, host int64) (int, error) {
	return countMembersAt(ctx, q, community, host)
}
