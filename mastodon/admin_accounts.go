package mastodon

import (
	"cmp"
	"slices"
	"strings"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/fault"
)

// adminAccountWays are what administrators do to accounts here, as on the site: they look at them, suspend
// and restore them.
func (h *Handler) adminAccountWays() []way {
	const list, one = "/api/v1/admin/accounts", "/api/v1/admin/accounts/{id:[0-9]+}"
	return []way{
		{"GET", list, aMember, "admin:read:accounts", h.administered},
		{"GET", one, aMember, "admin:read:accounts", h.administeredOne},
		{"POST", one + "/action", aMember, "admin:write:accounts", h.actOnAccount},
		{"POST", one + "/unsuspend", aMember, "admin:write:accounts", h.restoreAccount},
	}
}

// administers refuses all others.
func administers(c *call) error {
	if !c.member().Admin {
		return errNoJudge
	}
	return nil
}

// administered are the accounts of this server, the newest first.
func (h *Handler) administered(c *call) (any, error) {
	if err := administers(c); err != nil {
		return nil, err
	}
	shown := []adminAccount{}
	if c.yes("remote") || c.yes("pending") || c.params.Get("origin") == "remote" || c.params.Get("status") == "pending" {
		return shown, nil
	}
	all, err := h.Accounts.List(c.r.Context())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b accounts.Member) int { return cmp.Compare(b.ID, a.ID) })
	before, most := actors.ID(c.number("max_id")), c.limit(100, 200)
	for _, m := range all {
		if before != 0 && m.ID >= before || !strings.HasPrefix(m.Name, strings.ToLower(c.params.Get("username"))) {
			continue
		}
		v, err := h.onBooks(c, m.ID)
		if err != nil {
			return nil, err
		}
		status := c.params.Get("status")
		if (c.yes("suspended") || status == "suspended") && !v.Suspended || (c.yes("active") || status == "active") && v.Suspended {
			continue
		}
		if shown = append(shown, v); len(shown) == most {
			break
		}
	}
	if len(shown) > 0 {
		h.linkTo(c, shown[0].ID, shown[len(shown)-1].ID)
	}
	return shown, nil
}

// onBooks is a member of ours as administrators see them.
func (h *Handler) onBooks(c *call, who actors.ID) (adminAccount, error) {
	m, err := h.Accounts.ByID(c.r.Context(), who)
	if err != nil {
		return adminAccount{}, err
	}
	a, err := h.Directory.ByID(c.r.Context(), who)
	if err != nil {
		return adminAccount{}, err
	}
	v := h.adminAccountOf(a)
	v.Role = roleOf(m)
	if err = h.Accounts.Admitted(c.r.Context(), who); fault.Is(err, fault.Forbidden) {
		v.Suspended, err = true, nil
	}
	return v, err
}

func (h *Handler) administeredOne(c *call) (any, error) {
	if err := administers(c); err != nil {
		return nil, err
	}
	return h.onBooks(c, actors.ID(c.path("id")))
}

// actOnAccount suspends somebody: there are no milder acts here.
func (h *Handler) actOnAccount(c *call) (any, error) {
	if err := administers(c); err != nil {
		return nil, err
	}
	if c.params.Get("type") != "suspend" {
		return nil, fault.New(fault.Invalid, "Validation failed: Type is not included in the list: accounts here are suspended")
	}
	by := acts.By{Account: c.member().ID}
	return struct{}{}, h.Accounts.Suspend(c.r.Context(), by, actors.ID(c.path("id")), c.params.Get("text"))
}

func (h *Handler) restoreAccount(c *call) (any, error) {
	if err := administers(c); err != nil {
		return nil, err
	}
	if err := h.Accounts.Restore(c.r.Context(), acts.By{Account: c.member().ID}, actors.ID(c.path("id"))); err != nil {
		return nil, err
	}
	return h.onBooks(c, actors.ID(c.path("id")))
}
