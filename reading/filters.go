package reading

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Where a filter holds.
var contexts = []string{"home", "notifications", "public", "thread", "account"}

// What a filter does: it covers a post with a warning, hides it, or blurs its pictures.
const (
	Warn = "warn"
	Hide = "hide"
	Blur = "blur"
)

// Bounds of filters.
const (
	mostFilters  = 100
	mostWords    = 200 // of one member
	longestWord  = 200 // characters
	mostFiltered = 500 // posts of one filter
)

// Filter is what a member does not want to read unawares.
type Filter struct {
	ID        int64
	Title     string
	Contexts  []string
	Action    string
	ExpiresAt *time.Time // nil: never

	Words []Word
	Posts []FilteredPost
}

// Word is one for which posts are looked through.
type Word struct {
	ID    int64
	Word  string
	Whole bool // only where no letter stands before or behind
}

// FilteredPost is one that a filter holds by itself.
type FilteredPost struct{ ID, Post int64 }

// WordChange adds a word (ID 0), changes it, or drops it.
type WordChange struct {
	Word
	Drop bool
}

func (f Filter) check() (Filter, error) {
	if f.Title = text.OneLine(f.Title); f.Title == "" || utf8.RuneCountInString(f.Title) > longestTitle {
		return f, fault.New(fault.Invalid, "A filter needs a title of 255 characters at most.")
	}
	if f.Action == "" {
		f.Action = Warn
	}
	if !slices.Contains([]string{Warn, Hide, Blur}, f.Action) {
		return f, fault.New(fault.Invalid, "A filter warns, hides or blurs.")
	}
	slices.Sort(f.Contexts)
	f.Contexts = slices.Compact(f.Contexts)
	if len(f.Contexts) == 0 {
		return f, fault.New(fault.Invalid, "Say where the filter holds.")
	}
	for _, c := range f.Contexts {
		if !slices.Contains(contexts, c) {
			return f, fault.New(fault.Invalid, "A filter holds in home, notifications, public, thread or account.")
		}
	}
	return f, nil
}

func (w Word) check() (Word, error) {
	w.Word = text.OneLine(w.Word)
	if n := utf8.RuneCountInString(w.Word); n == 0 || n > longestWord {
		return w, fault.New(fault.Invalid, "A word of a filter has 1 to 200 characters.")
	}
	return w, nil
}

var errNoFilter = fault.New(fault.NotFound, "There is no such filter.")

// Filters gives a member's filters, the oldest first, also those that are over.
func (s *Service) Filters(ctx context.Context, member actors.ID) ([]Filter, error) {
	return filtersOf(ctx, s.DB, member)
}

// FilterByID gives one; fault.NotFound if it is not theirs.
func (s *Service) FilterByID(ctx context.Context, member actors.ID, id int64) (Filter, error) {
	all, err := s.Filters(ctx, member)
	if err != nil {
		return Filter{}, err
	}
	return find(all, func(f Filter) bool { return f.ID == id })
}

// FilterOfWord gives the filter that holds a word.
func (s *Service) FilterOfWord(ctx context.Context, member actors.ID, word int64) (Filter, Word, error) {
	all, err := s.Filters(ctx, member)
	if err != nil {
		return Filter{}, Word{}, err
	}
	at := func(f Filter) int { return slices.IndexFunc(f.Words, func(w Word) bool { return w.ID == word }) }
	f, err := find(all, func(f Filter) bool { return at(f) >= 0 })
	if err != nil {
		return f, Word{}, err
	}
	return f, f.Words[at(f)], nil
}

// FilterOfPost gives the filter that holds a post under a number.
func (s *Service) FilterOfPost(ctx context.Context, member actors.ID, number int64) (Filter, FilteredPost, error) {
	all, err := s.Filters(ctx, member)
	if err != nil {
		return Filter{}, FilteredPost{}, err
	}
	at := func(f Filter) int {
		return slices.IndexFunc(f.Posts, func(p FilteredPost) bool { return p.ID == number })
	}
	f, err := find(all, func(f Filter) bool { return at(f) >= 0 })
	if err != nil {
		return f, FilteredPost{}, err
	}
	return f, f.Posts[at(f)], nil
}

func find(all []Filter, is func(Filter) bool) (Filter, error) {
	at := slices.IndexFunc(all, is)
	if at < 0 {
		return Filter{}, errNoFilter
	}
	return all[at], nil
}

// SetFilter makes a filter (ID 0), or changes one, with what becomes of its words.
func (s *Service) SetFilter(ctx context.Context, member actors.ID, f Filter, words []WordChange) (Filter, error) {
	f, err := f.check()
	if err != nil {
		return f, err
	}
	for i, w := range words {
		if w.Drop {
			continue
		}
		if words[i].Word, err = w.Word.check(); err != nil {
			return f, err
		}
	}
	err = s.DB.Write(ctx, func(tx storage.Tx) error {
		if err := s.putFilter(ctx, tx, member, &f); err != nil {
			return err
		}
		first := storage.NewID(s.Now())
		for i, w := range words {
			if err := putWord(ctx, tx, f.ID, first+int64(i), w); err != nil {
				return err
			}
		}
		return enoughFilters(ctx, tx, member)
	})
	if err != nil {
		return f, err
	}
	return s.FilterByID(ctx, member, f.ID)
}

func (s *Service) putFilter(ctx context.Context, tx storage.Tx, member actors.ID, f *Filter) error {
	if f.ID != 0 {
		return updateFilter(ctx, tx, member, *f)
	}
	f.ID = storage.NewID(s.Now())
	return insertFilter(ctx, tx, member, *f)
}

// putWord gives a word that is new this number: words are read in the order in which they were given.
func putWord(ctx context.Context, tx storage.Tx, filter, number int64, w WordChange) error {
	switch {
	case w.Drop:
		return deleteWord(ctx, tx, filter, w.ID)
	case w.ID == 0:
		w.ID = number
		return insertWord(ctx, tx, filter, w.Word)
	}
	return updateWord(ctx, tx, filter, w.Word)
}

// enoughFilters refuses more than a reading of each list can bear.
func enoughFilters(ctx context.Context, tx storage.Tx, member actors.ID) error {
	filters, words, err := countFilters(ctx, tx, member)
	if err == nil && (filters > mostFilters || words > mostWords) {
		err = fault.New(fault.Conflict, "There are too many filters already.")
	}
	return err
}

// DropFilter forgets a filter.
func (s *Service) DropFilter(ctx context.Context, member actors.ID, id int64) error {
	return deleteFilter(ctx, s.DB, member, id)
}

// FilterPost has a filter hold a post by itself. Whether the member may see it is the caller's to
// ask.
func (s *Service) FilterPost(ctx context.Context, member actors.ID, filter, post int64) (FilteredPost, error) {
	f, err := s.FilterByID(ctx, member, filter)
	if err != nil {
		return FilteredPost{}, err
	}
	if len(f.Posts) >= mostFiltered {
		return FilteredPost{}, fault.New(fault.Conflict, "There are too many posts in this filter already.")
	}
	return insertFilteredPost(ctx, s.DB, filter, FilteredPost{storage.NewID(s.Now()), post})
}

// UnfilterPost takes it out.
func (s *Service) UnfilterPost(ctx context.Context, filter, number int64) error {
	return deleteFilteredPost(ctx, s.DB, filter, number)
}
