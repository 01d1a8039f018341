package text

import (
	"html"
	"strings"
)

// ownRel also says that the page behind a link may be the same person's, which that page has to confirm.
const ownRel = "me " + linkRel

// Linked makes safe HTML of plain words on one line, in which each address is a link.
func Linked(words string) string {
	var all []string
	for _, word := range strings.Fields(clean(words)) {
		shown := html.EscapeString(word)
		if href, ok := safeHref(word); ok {
			shown = `<a href="` + html.EscapeString(href) + `" rel="` + ownRel + `">` + shown + `</a>`
		}
		all = append(all, shown)
	}
	return strings.Join(all, " ")
}
