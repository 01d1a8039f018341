package mastodon

import (
	"path"

	"passerelles/actors"
)

// shun blocks or mutes somebody, or no longer does.
func (h *Handler) shun(c *call) (any, error) {
	a, err := h.someone(c)
	if err != nil {
		return nil, err
	}
	do := h.Accounts.Block
	switch path.Base(c.r.URL.Path) {
	case "unblock":
		do = h.Accounts.Unblock
	case "mute":
		do = h.Accounts.Mute
	case "unmute":
		do = h.Accounts.Unmute
	}
	if err := do(c.r.Context(), c.member().ID, a); err != nil {
		return nil, err
	}
	return h.relationship(c, a)
}

// followingOf and followersOf are told to the member about themselves alone: whom others
// follow is theirs to tell.
func (h *Handler) followingOf(c *call) (any, error) { return h.followsOf(c, true) }
func (h *Handler) followersOf(c *call) (any, error) { return h.followsOf(c, false) }

func (h *Handler) followsOf(c *call, outward bool) (any, error) {
	a, err := h.someone(c)
	if err != nil {
		return nil, err
	}
	if a.ID != c.member().ID {
		return []account{}, nil
	}
	list := h.Directory.FollowersPage
	if outward {
		list = h.Directory.FollowingPage
	}
	all, err := list(c.r.Context(), h.DB, a.ID, actors.ID(c.number("max_id")), c.limit(40, 80))
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		h.linkTo(c, id(all[0].ID), id(all[len(all)-1].ID))
	}
	return h.accounts(c, all)
}
