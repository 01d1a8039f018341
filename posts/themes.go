package posts

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"

	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
	"passerelles/text"
)

// MostThemes may be given to a thread.
const MostThemes = 5

// Theme is one under which a thread stands.
type Theme struct {
	communities.Theme
	Ruled bool // who animates the community put it there: its author does not take it away
}

// mostThemesRead of those that a post of others names are looked for.
const mostThemesRead = 20

// choose gives a thread the themes that its author chose, among those of its community. What
// who animates put there stays; nil leaves all as it is.
func (s *Service) choose(ctx context.Context, q storage.Querier, p *Post, ids []int64) error {
	if ids == nil {
		return nil
	}
	if len(ids) > 0 && (p.Community == nil || !p.Starter()) {
		return fault.New(fault.Invalid, "Only what begins a thread in a community has themes.")
	}
	if p.Community == nil {
		return nil
	}
	had := p.Themes
	all, err := s.communities.AllThemes(ctx, q, p.Community.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(t communities.Theme) bool { return t.ID == id && (!t.Retired || has(had, id)) }) {
			return fault.New(fault.Invalid, "This theme is not one of the community, or is retired.")
		}
	}
	p.Themes = nil
	for _, t := range all {
		if ruled := slices.ContainsFunc(had, func(h Theme) bool { return h.ID == t.ID && h.Ruled }); ruled || slices.Contains(ids, t.ID) {
			p.Themes = append(p.Themes, Theme{t, ruled})
		}
	}
	return checkThemes(p.Themes)
}

// chooseAgain is choose for what is edited: what who animates took away does not come back.
func (s *Service) chooseAgain(ctx context.Context, p *Post, ids []int64) error {
	gone, err := takenAway(ctx, s.db, p.ID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(ids, func(id int64) bool { return slices.Contains(gone, id) }) {
		return fault.New(fault.Forbidden, "Who animates the community took this theme away.")
	}
	return s.choose(ctx, s.db, p, ids)
}

func has(all []Theme, id int64) bool {
	return slices.ContainsFunc(all, func(t Theme) bool { return t.ID == id })
}

func checkThemes(all []Theme) error {
	if len(all) > MostThemes {
		return fault.New(fault.Invalid, "A thread has five themes at most.")
	}
	return nil
}

// themesOf finds the themes of its community that a post of others names, the first few.
func (s *Service) themesOf(ctx context.Context, q storage.Querier, p Post, named []vocab.Theme) (all []Theme, err error) {
	if len(named) == 0 || p.Community == nil || !p.Starter() || p.Deleted {
		return nil, nil
	}
	var iris []string
	for _, t := range named[:min(len(named), mostThemesRead)] {
		iris = append(iris, t.ID)
	}
	found, err := s.communities.ThemesNamed(ctx, q, p.Community.ID, iris)
	for _, t := range found[:min(len(found), MostThemes)] {
		all = append(all, Theme{Theme: t})
	}
	return all, err
}

// themedAgain takes the themes that a new version names.
func (s *Service) themedAgain(ctx context.Context, tx storage.Tx, p *Post, named []vocab.Theme) (err error) {
	if p.Community == nil || !p.Starter() {
		return nil
	}
	if p.Themes, err = s.themesOf(ctx, tx, *p, named); err != nil {
		return err
	}
	b := &pgx.Batch{}
	queueThemes(b, p.ID, p.Themes, s.now())
	return tx.SendBatch(ctx, b).Close()
}

// themed writes the themes of a post, in the spellings of those who know them, and for all
// others the hashtags that their names make.
func themed(p Post, n *vocab.Note) {
	for _, t := range p.Themes {
		n.Themes = append(n.Themes, vocab.Theme{ID: t.IRI, Name: t.Name})
		tag := hashtagOf(t.Name)
		said := slices.ContainsFunc(n.Tags, func(other vocab.Tag) bool {
			return other.Type == "Hashtag" && text.FoldHashtag(other.Name) == text.FoldHashtag(tag)
		})
		if tag != "" && !said {
			n.Tags = append(n.Tags, vocab.Tag{Type: "Hashtag", Name: "#" + tag})
		}
	}
}

// longestThemeTag is past what anybody would read as one word.
const longestThemeTag = 40 // characters

// hashtagOf joins the words of a name, each with a capital: "" where that makes no hashtag.
func hashtagOf(name string) string {
	var b strings.Builder
	letters := false
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune(" -'’/&,.:()", r) }) {
		for i, r := range []rune(word) {
			letters = letters || unicode.IsLetter(r)
			switch {
			case !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) && r != '_':
				return ""
			case i == 0:
				r = unicode.ToUpper(r)
			}
			b.WriteRune(r)
		}
	}
	if tag := b.String(); letters && len([]rune(tag)) <= longestThemeTag {
		return tag
	}
	return ""
}
