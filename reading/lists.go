package reading

import (
	"context"
	"slices"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Bounds of lists.
const (
	mostLists    = 100
	mostInList   = 1000
	longestTitle = 255 // characters
)

// List is a part of those whom a member follows, to be read by itself.
type List struct {
	ID        int64
	Title     string
	Replies   string // to whom they are shown: none, list or followed
	Exclusive bool   // what is in it is not in the home timeline
}

var repliesTo = []string{"none", "list", "followed"}

func (l List) check() (List, error) {
	if l.Title = text.OneLine(l.Title); l.Title == "" {
		return l, fault.New(fault.Invalid, "A list needs a title.")
	}
	if utf8.RuneCountInString(l.Title) > longestTitle {
		return l, fault.New(fault.Invalid, "The title of a list may have 255 characters.")
	}
	if l.Replies == "" {
		l.Replies = "list"
	}
	if !slices.Contains(repliesTo, l.Replies) {
		return l, fault.New(fault.Invalid, "Replies of a list are shown to none, to the list, or to followed.")
	}
	return l, nil
}

// errNoList is of a list that is another's, too.
var errNoList = fault.New(fault.NotFound, "There is no such list.")

// Lists gives a member's lists, the oldest first.
func (s *Service) Lists(ctx context.Context, member actors.ID) ([]List, error) {
	return listsOf(ctx, s.DB, member)
}

// ListByID gives one; fault.NotFound if it is not theirs.
func (s *Service) ListByID(ctx context.Context, member actors.ID, id int64) (List, error) {
	return listByID(ctx, s.DB, member, id)
}

// NewList makes a list.
func (s *Service) NewList(ctx context.Context, member actors.ID, l List) (List, error) {
	l, err := l.check()
	if err != nil {
		return l, err
	}
	l.ID = storage.NewID(s.Now())
	made, err := insertList(ctx, s.DB, member, l)
	if err == nil && !made {
		err = fault.New(fault.Conflict, "There are too many lists already.")
	}
	return l, err
}

// ChangeList gives a list another title, or other settings.
func (s *Service) ChangeList(ctx context.Context, member actors.ID, l List) (List, error) {
	l, err := l.check()
	if err != nil {
		return l, err
	}
	return l, updateList(ctx, s.DB, member, l)
}

// DropList forgets a list.
func (s *Service) DropList(ctx context.Context, member actors.ID, id int64) error {
	return deleteList(ctx, s.DB, member, id)
}

// Listed gives whom a list holds, by id, from after one on (0: the first); limit 0: all.
func (s *Service) Listed(ctx context.Context, member actors.ID, list int64, after actors.ID, limit int) ([]actors.ID, error) {
	if _, err := s.ListByID(ctx, member, list); err != nil {
		return nil, err
	}
	return listed(ctx, s.DB, list, after, limit)
}

// AddTo puts those whom the member follows in a list. One who is not followed: fault.NotFound,
// and nobody is put there.
func (s *Service) AddTo(ctx context.Context, member actors.ID, list int64, who []actors.ID) error {
	if _, err := s.ListByID(ctx, member, list); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		followed, err := followedAmong(ctx, tx, member, who)
		if err != nil {
			return err
		}
		for _, one := range who {
			if !slices.Contains(followed, one) {
				return fault.New(fault.NotFound, "A list holds only those whom you follow.")
			}
		}
		total, err := addTo(ctx, tx, list, who)
		if err == nil && total > mostInList {
			err = fault.New(fault.Conflict, "There are too many in this list already.")
		}
		return err
	})
}

// TakeFrom takes some out of a list.
func (s *Service) TakeFrom(ctx context.Context, member actors.ID, list int64, who []actors.ID) error {
	if _, err := s.ListByID(ctx, member, list); err != nil {
		return err
	}
	return takeFrom(ctx, s.DB, list, who)
}

// ListsWith gives the lists of a member that hold somebody.
func (s *Service) ListsWith(ctx context.Context, member, who actors.ID) ([]List, error) {
	return listsWith(ctx, s.DB, member, who)
}
