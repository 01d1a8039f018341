package mastodon

import (
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
)

// home is what the member follows: what a community lets in shows as its boost.
func (h *Handler) home(c *call) (any, error) {
	all, err := h.Timelines.Home(c.r.Context(), c.reader(), c.page(20, 40))
	if err != nil {
		return nil, err
	}
	return h.listed(c, all, true)
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
	return h.listed(c, all, false)
}

// listed shows a part of a list, and where the next is.
func (h *Handler) listed(c *call, all []posts.Post, boosts bool) ([]status, error) {
	shown, err := h.statuses(c, all)
	if err != nil {
		return nil, err
	}
	if boosts {
		for i, p := range all {
			if p.Community != nil && p.Starter() {
				shown[i] = h.boosted(shown[i], p.ID, *p.Community)
			}
		}
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
	return shown, nil
}

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
