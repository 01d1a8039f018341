package mastodon

import (
	"slices"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
	"passerelles/reading"
	"passerelles/text"
	"passerelles/timelines"
)

func (h *Handler) timelineWays() []way {
	return []way{
		{"GET", "/api/v1/timelines/home", aMember, "read:statuses", h.home},
		{"GET", "/api/v1/timelines/public", anybody, "read:statuses", h.public},
		{"GET", "/api/v1/timelines/tag/{tag}", anybody, "read:statuses", h.tagged},
		{"GET", "/api/v1/timelines/list/{id:[0-9]+}", aMember, "read:lists", h.list},
		{"GET", "/api/v1/timelines/link", anybody, "read:statuses", nothing},
		{"GET", "/api/v1/conversations", aMember, "read:statuses", h.exchanges},
		{"DELETE", "/api/v1/conversations/{id:[0-9]+}", aMember, "write:conversations", h.putAway},
		{"POST", "/api/v1/conversations/{id:[0-9]+}/read", aMember, "write:conversations", h.readExchange},
	}
}

// home is what the member follows: what a community lets in shows as its boost.
func (h *Handler) home(c *call) (any, error) {
	all, err := h.Timelines.HomeShared(c.r.Context(), c.reader(), c.page(20, 40))
	if err != nil {
		return nil, err
	}
	return h.entries(c, all)
}

// list is what those in a list of the member's say and share.
func (h *Handler) list(c *call) (any, error) {
	if _, err := h.Reading.ListByID(c.r.Context(), c.member().ID, c.path("id")); err != nil {
		return nil, err
	}
	all, err := h.Timelines.List(c.r.Context(), c.reader(), c.path("id"), c.page(20, 40))
	if err != nil {
		return nil, err
	}
	return h.entries(c, all)
}

// tagged is what everybody may read under a hashtag, or under several.
func (h *Handler) tagged(c *call) (any, error) {
	if c.yes("remote") {
		return []status{}, nil
	}
	tags := timelines.Tags{Any: append([]string{pathVar(c.r, "tag")}, few(c.params["any"])...), All: few(c.params["all"]), None: few(c.params["none"]), Here: c.yes("local")}
	all, err := h.Timelines.Tagged(c.r.Context(), c.reader(), tags, c.page(20, 40))
	if err != nil {
		return nil, err
	}
	return h.listed(c, all)
}

const mostTags = 4 // beside the one of the address

func few(tags []string) []string { return tags[:min(len(tags), mostTags)] }

// entries shows a part of a list of posts, some of which somebody shares: what stands in a community,
// it does.
func (h *Handler) entries(c *call, all []timelines.Entry) ([]status, error) {
	return h.shared(c, all, true)
}

func (h *Handler) shared(c *call, all []timelines.Entry, byCommunities bool) ([]status, error) {
	found := make([]posts.Post, len(all))
	var sharers []actors.ID
	for i, e := range all {
		found[i] = e.Post
		if e.By != 0 {
			sharers = append(sharers, e.By)
		}
	}
	shown, err := h.statuses(c, found)
	if err != nil {
		return nil, err
	}
	people, err := h.Directory.ByIDs(c.r.Context(), sharers)
	if err != nil {
		return nil, err
	}
	for i, e := range all {
		switch by, ok := people[e.By]; {
		case ok && e.By != 0:
			shown[i] = h.boosted(c, shown[i], sharing{e.ID, by})
		case byCommunities && e.ID == e.Post.ID && e.Post.Community != nil && e.Post.Starter():
			shown[i] = h.boosted(c, shown[i], sharing{boostID(e.ID), *e.Post.Community})
		}
	}
	if len(all) > 0 {
		h.linkTo(c, id(all[0].ID), id(all[len(all)-1].ID))
	}
	return shown, nil
}

// public is what everybody may read, of the communities of this server.
func (h *Handler) public(c *call) (any, error) {
	if c.yes("remote") {
		return []status{}, nil
	}
	all, err := h.Timelines.Local(c.r.Context(), c.reader(), c.page(20, 40))
	if err != nil {
		return nil, err
	}
	return h.listed(c, all)
}

// listed shows a part of a list, and where the next is.
func (h *Handler) listed(c *call, all []posts.Post) ([]status, error) {
	shown, err := h.statuses(c, all)
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		h.linkTo(c, id(all[0].ID), id(all[len(all)-1].ID))
	}
	return shown, nil
}

// statuses shows posts as the caller sees them, with those that they answer looked up together.
func (h *Handler) statuses(c *call, all []posts.Post) ([]status, error) {
	parents := map[int64]posts.Post{}
	var wanted []int64
	for _, p := range all {
		if p.ParentID != 0 {
			wanted = append(wanted, p.ParentID)
		}
	}
	slices.Sort(wanted)
	found, err := h.Posts.ByIDs(c.r.Context(), c.reader(), slices.Compact(wanted))
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		parents[p.ID] = p
	}
	shown := make([]status, 0, len(all))
	for _, p := range all {
		shown = append(shown, h.statusOf(c, p, parents))
	}
	if err := h.quoted(c, all, shown); err != nil {
		return nil, err
	}
	return shown, h.keep(c, all, shown)
}

// keep adds what the member keeps of posts: bookmarks, threads they hear no more of, filters.
func (h *Handler) keep(c *call, all []posts.Post, shown []status) error {
	if c.member() == nil || len(all) == 0 {
		return nil
	}
	ids, roots := make([]int64, len(all)), make([]int64, len(all))
	for i, p := range all {
		ids[i], roots[i] = p.ID, p.Root
	}
	kept, err := h.Reading.Of(c.r.Context(), c.member().ID, ids, roots)
	if err != nil {
		return err
	}
	for i, p := range all {
		shown[i].Bookmarked, shown[i].Muted = kept.Bookmarked[p.ID], kept.Muted[p.Root]
		if len(kept.Filters) > 0 {
			shown[i].Filtered = hitsOf(reading.Match(kept.Filters, h.Now(), said(p), p.ID))
		}
	}
	return nil
}

// said is all that filters look through.
func said(p posts.Post) string {
	parts := []string{p.Summary, p.Title, text.Plain(p.Content)}
	if p.Poll != nil {
		for _, o := range p.Poll.Options {
			parts = append(parts, o.Name)
		}
	}
	for _, f := range p.Files {
		parts = append(parts, f.Alt)
	}
	for _, f := range p.Pictures {
		parts = append(parts, f.Alt)
	}
	return strings.Join(parts, "\n")
}

func nothing(*call) (any, error) { return []any{}, nil }

// one shows a post.
func (h *Handler) one(c *call, p posts.Post) (status, error) {
	all, err := h.statuses(c, []posts.Post{p})
	if err != nil {
		return status{}, err
	}
	return all[0], nil
}

// known gives somebody whom the caller may know of; errNone else.
func (h *Handler) known(c *call, a actors.Actor, err error) (actors.Actor, error) {
	if err != nil {
		return a, err
	}
	knows, err := access.Knows(c.r.Context(), h.DB, c.reader(), a)
	if err == nil && (!knows || a.Gone) {
		err = errNone
	}
	return a, err
}
