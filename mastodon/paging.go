package mastodon

import (
	"net/url"
	"strings"

	"passerelles/timelines"
)

// page is which part of a list of posts is wanted. The last bit of an id tells a post from its
// boost, and is passed over.
func (c *call) page(usual, most int) timelines.Page {
	p := timelines.Page{Limit: c.limit(usual, most), Before: c.number("max_id") &^ 1}
	if least := c.number("min_id"); least > 0 {
		p.After, p.Oldest = least|1, true
	} else if since := c.number("since_id"); since > 0 {
		p.After = since | 1
	}
	return p
}

// plainPage is that of a list whose numbers are its own.
func (c *call) plainPage(usual, most int) timelines.Page {
	p := timelines.Page{Limit: c.limit(usual, most), Before: c.number("max_id"), After: c.number("since_id")}
	if least := c.number("min_id"); least > 0 {
		p.After, p.Oldest = least, true
	}
	return p
}

// linkTo says where the next and the previous part of a list are. The next stands first, and of an
// empty list there is none: some clients read no other.
func (h *Handler) linkTo(c *call, newest, oldest string) {
	if newest == "" {
		return
	}
	at := func(name, value string) string {
		query := url.Values{}
		for key, values := range c.r.URL.Query() {
			if key != "max_id" && key != "min_id" && key != "since_id" {
				query[key] = values
			}
		}
		query.Set(name, value)
		return "<" + h.IRIs.Origin + strings.TrimSuffix(c.r.URL.Path, "/") + "?" + query.Encode() + ">"
	}
	c.w.Header().Set("Link", at("max_id", oldest)+`; rel="next", `+at("min_id", newest)+`; rel="prev"`)
}
