package communities

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
	"passerelles/text"
)

// Theme is one under which a community, ours or elsewhere, sorts the threads that begin in it.
type Theme struct {
	ID          int64
	Community   actors.ID
	IRI         string
	Name        string
	Description string
	Place       int  // from 1
	Retired     bool // it stays on old posts, and is given to no more
}

// Bounds of themes, in characters and in number.
const (
	longestTheme       = 50
	longestThemeWords  = 300
	mostThemes         = 50
	mostThemesRetired  = 500
	mostThemesOfOthers = 100
)

var errNoTheme = fault.New(fault.NotFound, "This community has no such theme.")

const noThemeName = "The community has a theme of this name, perhaps a retired one."

// Themes gives those of a community that may be chosen, in its order.
func (s *Service) Themes(ctx context.Context, q storage.Querier, community actors.ID) ([]Theme, error) {
	all, err := themesOf(ctx, q, community)
	return slices.DeleteFunc(all, func(t Theme) bool { return t.Retired }), err
}

// AllThemes gives them with those that are retired, which come last.
func (s *Service) AllThemes(ctx context.Context, q storage.Querier, community actors.ID) ([]Theme, error) {
	return themesOf(ctx, q, community)
}

// ThemesNamed gives those of a community's themes that some IRIs name, in its order, retired
// ones too.
func (s *Service) ThemesNamed(ctx context.Context, q storage.Querier, community actors.ID, iris []string) ([]Theme, error) {
	return themesByIRI(ctx, q, community, iris)
}

// ThemesAt gives the themes, of whatever communities, that an IRI names.
func (s *Service) ThemesAt(ctx context.Context, q storage.Querier, iri string) ([]Theme, error) {
	return themesAt(ctx, q, iri)
}

// ThemeByID finds a theme of a community, retired or not.
func (s *Service) ThemeByID(ctx context.Context, q storage.Querier, community actors.ID, id int64) (Theme, error) {
	all, err := themesOf(ctx, q, community)
	if err != nil {
		return Theme{}, err
	}
	at := slices.IndexFunc(all, func(t Theme) bool { return t.ID == id })
	if at < 0 {
		return Theme{}, errNoTheme
	}
	return all[at], nil
}

// ThemeByName finds a theme of a community by what people call it.
func (s *Service) ThemeByName(ctx context.Context, q storage.Querier, community actors.ID, name string) (Theme, error) {
	all, err := themesOf(ctx, q, community)
	if err != nil {
		return Theme{}, err
	}
	at := slices.IndexFunc(all, func(t Theme) bool { return foldTheme(t.Name) == foldTheme(name) })
	if at < 0 {
		return Theme{}, errNoTheme
	}
	return all[at], nil
}

// foldTheme is under what a theme is looked up.
func foldTheme(name string) string { return text.FoldHashtag(strings.Join(strings.Fields(name), " ")) }

// Worded is what a theme says of itself.
type Worded struct{ Name, Description string }

func (w Worded) check() (Worded, error) {
	w.Name, w.Description = text.OneLine(w.Name), text.OneLine(w.Description)
	switch {
	case w.Name == "":
		return w, fault.New(fault.Invalid, "A theme needs a name.")
	case utf8.RuneCountInString(w.Name) > longestTheme:
		return w, fault.New(fault.Invalid, "The name of a theme may have 50 characters.")
	case utf8.RuneCountInString(w.Description) > longestThemeWords:
		return w, fault.New(fault.Invalid, "The description of a theme may have 300 characters.")
	}
	return w, nil
}

// AddTheme has who animates a community of ours give it another theme, the last in order.
func (s *Service) AddTheme(ctx context.Context, animator, community actors.ID, w Worded) (Theme, error) {
	w, err := w.check()
	if err != nil {
		return Theme{}, err
	}
	id := storage.NewID(s.now())
	err = s.theming(ctx, animator, community, func(tx storage.Tx, all []Theme) error {
		if err := mayAdd(all); err != nil {
			return err
		}
		return insertTheme(ctx, tx, Theme{ID: id, Community: community, IRI: s.iris.Theme(int64(community), id), Name: w.Name,
			Description: w.Description, Place: chosen(all) + 1})
	})
	if err != nil {
		return Theme{}, err
	}
	return s.ThemeByID(ctx, s.db, community, id)
}

// chosen counts the themes that may be.
func chosen(all []Theme) (n int) {
	for _, t := range all {
		if !t.Retired {
			n++
		}
	}
	return n
}

func mayAdd(all []Theme) error {
	switch n := chosen(all); {
	case n >= mostThemes:
		return fault.New(fault.Invalid, "A community has 50 themes at most.")
	case len(all)-n >= mostThemesRetired:
		return fault.New(fault.Invalid, "Too many themes were retired: take one of them again.")
	}
	return nil
}

// ChangeTheme has who animates say otherwise what a theme is called, and what it is about. The
// posts under it stay there.
func (s *Service) ChangeTheme(ctx context.Context, animator, community actors.ID, id int64, w Worded) error {
	w, err := w.check()
	if err != nil {
		return err
	}
	return s.themingOne(ctx, animator, community, id, func(tx storage.Tx, t Theme, _ []Theme) error {
		t.Name, t.Description = w.Name, w.Description
		return updateTheme(ctx, tx, t)
	})
}

// MoveTheme puts a theme at a place among those that may be chosen; beyond them: last.
func (s *Service) MoveTheme(ctx context.Context, animator, community actors.ID, id int64, place int) error {
	return s.themingOne(ctx, animator, community, id, func(tx storage.Tx, t Theme, all []Theme) error {
		if t.Retired {
			return fault.New(fault.Invalid, "A theme that is retired has no place.")
		}
		ids := besides(all, id)
		return placeThemes(ctx, tx, slices.Insert(ids, min(max(place-1, 0), len(ids)), id))
	})
}

// RetireTheme has a theme given to no more posts; those that have it keep it.
func (s *Service) RetireTheme(ctx context.Context, animator, community actors.ID, id int64) error {
	return s.themingOne(ctx, animator, community, id, func(tx storage.Tx, t Theme, all []Theme) error {
		if t.Retired {
			return nil
		}
		now := s.now()
		if err := retireTheme(ctx, tx, id, &now, t.Place); err != nil {
			return err
		}
		return placeThemes(ctx, tx, besides(all, id))
	})
}

// besides gives the themes that may be chosen but for one, in order.
func besides(all []Theme, id int64) (ids []int64) {
	for _, t := range all {
		if !t.Retired && t.ID != id {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// RestoreTheme has a theme that was retired chosen again, as the last in order.
func (s *Service) RestoreTheme(ctx context.Context, animator, community actors.ID, id int64) error {
	return s.themingOne(ctx, animator, community, id, func(tx storage.Tx, t Theme, all []Theme) error {
		if !t.Retired {
			return nil
		}
		if chosen(all) >= mostThemes {
			return mayAdd(all)
		}
		return retireTheme(ctx, tx, id, nil, chosen(all)+1)
	})
}

func (s *Service) themingOne(ctx context.Context, animator, community actors.ID, id int64, do func(tx storage.Tx, t Theme, all []Theme) error) error {
	return s.theming(ctx, animator, community, func(tx storage.Tx, all []Theme) error {
		at := slices.IndexFunc(all, func(t Theme) bool { return t.ID == id })
		if at < 0 {
			return errNoTheme
		}
		return do(tx, all[at], all)
	})
}

// theming changes the themes of a community of ours, one animator after the other, and tells
// it to those who follow: its document lists them.
func (s *Service) theming(ctx context.Context, animator, community actors.ID, do func(tx storage.Tx, all []Theme) error) error {
	return s.living(ctx, community, func(tx storage.Tx, _ actors.Actor) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		all, err := themesOf(ctx, tx, community)
		if err != nil {
			return err
		}
		if err := do(tx, all); err != nil {
			return err
		}
		a, err := s.dir.NoteChanged(ctx, tx, community)
		if err != nil {
			return err
		}
		return s.SendUpdate(ctx, tx, a)
	})
}
