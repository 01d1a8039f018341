package vocab

import (
	"slices"
	"strings"

	ap "github.com/go-ap/activitypub"
)

// Theme is one under which a community sorts what is posted in it: its own tag, which both
// the community and its posts name.
type Theme struct {
	ID, Name, Description string
}

// The two spellings of a theme: that of Lemmy since 1.0, and the older one that PieFed keeps, with
// the property in which a Group lists those.
const (
	themeType      = "CommunityPostTag"
	olderThemeType = "lemmy:CommunityTag"
	olderThemes    = "lemmy:tagsForPosts"
)

// maxThemes of a document are read: what is beyond is left out, so that a community is not lost for it.
const maxThemes = 200

func isTheme(name string) bool {
	return strings.TrimPrefix(name, "lemmy:") == themeType || strings.TrimPrefix(name, "lemmy:") == "CommunityTag"
}

// themes are those that a document names, each once, in either spelling; one without an id or
// a name is passed over.
func (v value) themes() (all []Theme) {
	for _, list := range []value{v.get("tag"), v.get(olderThemes, "tagsForPosts")} {
		list.each(func(e value) bool {
			t := e.theme()
			if t.ID != "" && t.Name != "" && !slices.ContainsFunc(all, func(other Theme) bool { return other.ID == t.ID }) {
				all = append(all, t)
			}
			return len(all) < maxThemes
		})
	}
	return all
}

func (v value) theme() Theme {
	if name, _ := v.kindOf(); !v.is('{') || !isTheme(name) {
		return Theme{}
	}
	return Theme{ID: clean(v.get("id").plain()), Name: v.get("name", "display_name", "preferredUsername").text(), Description: v.get("content").text()}
}

// themeItems write themes in the tags of a Group: Lemmy wants nothing else there.
func themeItems(all []Theme) (items ap.ItemCollection) {
	for _, t := range all {
		items = append(items, extended{&ap.Object{ID: ap.IRI(t.ID), Type: themeType, Name: words(t.Name), Content: words(t.Description)},
			properties{{"preferredUsername", t.Name}}}) // what PieFed shows
	}
	return items
}

// olderThemeItems write them in the older spelling. PieFed until 1.2 takes no theme without colours.
func olderThemeItems(all []Theme) (items ap.ItemCollection) {
	for _, t := range all {
		items = append(items, extended{&ap.Object{ID: ap.IRI(t.ID), Type: olderThemeType}, properties{
			{"display_name", t.Name}, {"text_color", "#ffffff"}, {"background_color", "#0b5563"}, {"blur_images", false}}})
	}
	return items
}

// Encode writes the theme as a document of its own.
func (t Theme) Encode() ([]byte, error) {
	own := themeItems([]Theme{t})[0].(extended)
	return withContextOf(encode(own.Item, own.more))
}
