package communities

import (
	"context"
	"html"
	"slices"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/storage"
	"passerelles/text"
)

// LearnThemes takes from the document of a community elsewhere, with what else is learned of it,
// which themes it has now: what it names no more is retired. Only addresses of its own server count.
func (s *Service) LearnThemes(ctx context.Context, tx storage.Tx, group actors.Actor, document vocab.Actor) error {
	if group.Kind != actors.Group || group.Local() {
		return nil
	}
	had, err := s.Themes(ctx, tx, group.ID)
	if err != nil {
		return err
	}
	named := cleanThemes(group, document.Themes)
	if slices.EqualFunc(named, had, func(a, b Theme) bool {
		return a.IRI == b.IRI && a.Name == b.Name && a.Description == b.Description
	}) {
		return nil
	}
	return replaceThemes(ctx, tx, group.ID, named, s.now())
}

func cleanThemes(group actors.Actor, named []vocab.Theme) (all []Theme) {
	for _, n := range named {
		t := Theme{Community: group.ID, IRI: n.ID, Name: text.OneLine(text.Excerpt(html.EscapeString(n.Name), longestTheme)),
			Description: text.OneLine(text.Excerpt(html.EscapeString(n.Description), longestThemeWords)), Place: len(all) + 1}
		if t.Name == "" || federation.CheckIRI(t.IRI) != nil || !federation.SameOrigin(t.IRI, group.IRI) {
			continue
		}
		if all = append(all, t); len(all) == mostThemesOfOthers {
			break
		}
	}
	return all
}

// Document is what other servers read of a community of ours, its themes included.
func (s *Service) Document(ctx context.Context, q storage.Querier, a actors.Actor) (vocab.Actor, error) {
	keys, err := s.dir.PublicKeys(ctx, q, a.ID)
	if err != nil {
		return vocab.Actor{}, err
	}
	document := actors.Document(a, keys, s.iris)
	themes, err := s.Themes(ctx, q, a.ID)
	for _, t := range themes {
		document.Themes = append(document.Themes, t.Document())
	}
	return document, err
}

// Document is what other servers read of a theme.
func (t Theme) Document() vocab.Theme {
	return vocab.Theme{ID: t.IRI, Name: t.Name, Description: t.Description}
}
