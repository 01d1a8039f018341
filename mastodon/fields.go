package mastodon

import (
	"embed"
	"html"

	"passerelles/actors"
	"passerelles/text"
)

//go:embed texts
var texts embed.FS

var say = text.Sayer(texts, "texts")

// fieldRows are lines of a profile. Whose a page is that they name is verified by nobody here.
func fieldRows(lines []actors.Field) []field {
	rows := make([]field, 0, len(lines))
	for _, l := range lines {
		rows = append(rows, field{Name: l.Name, Value: l.Value})
	}
	return rows
}

// fieldsOf are the rows of a community's profile: for whom it is, and what it expects.
func (h *Handler) fieldsOf(c *call, a actors.Actor) ([]field, error) {
	language := h.Language
	if m := c.member(); m != nil && m.Language != "" {
		language = m.Language
	}
	level := a.Access
	if level == "" {
		level = actors.Open
	}
	name, err := say(language, "field.access", nil)
	if err != nil {
		return nil, err
	}
	value, err := say(language, "access."+string(level), nil)
	if err != nil {
		return nil, err
	}
	fields := []field{{Name: name, Value: html.EscapeString(value)}}
	if !a.Local() {
		return fields, nil
	}
	charter, err := h.Communities.Charter(c.r.Context(), h.DB, a.ID)
	if err != nil || !charter.Asks() {
		return fields, err
	}
	if name, err = say(language, "field.charter", nil); err != nil {
		return nil, err
	}
	at := html.EscapeString(h.IRIs.Origin + "/c/" + a.Name + "/charter")
	return append(fields, field{Name: name, Value: `<a href="` + at + `" rel="nofollow noopener noreferrer">` + at + `</a>`}), nil
}
