package web

import (
	"net/url"

	"passerelles/text"
	"passerelles/timelines"
)

type tagPage struct {
	Tag  string
	List list
}

// tag shows what everybody may read under a hashtag.
func (h *Handler) tag(v *visit) error {
	name := pathVar(v.r, "tag")
	folded := text.FoldHashtag(name)
	if folded != name {
		return v.redirect("/tags/" + url.PathEscape(folded))
	}
	found, err := h.Timelines.Tagged(v.r.Context(), v.reader(), timelines.Tags{Any: []string{folded}}, v.part())
	if err != nil {
		return err
	}
	body := tagPage{Tag: folded, List: listOf(found, "/tags/"+url.PathEscape(folded))}
	return h.show(v, "tag", page{Title: "#" + folded, Named: true, Hidden: true, Body: body})
}
