package mastodon

import (
	"slices"

	"passerelles/actors"
	"passerelles/reading"
)

func (h *Handler) listWays() []way {
	const at = "/api/v1/lists/{id:[0-9]+}"
	return []way{
		{"GET", "/api/v1/lists", aMember, "read:lists", h.lists},
		{"POST", "/api/v1/lists", aMember, "write:lists", h.newList},
		{"GET", at, aMember, "read:lists", h.oneList},
		{"PUT", at, aMember, "write:lists", h.changeList},
		{"DELETE", at, aMember, "write:lists", h.dropList},
		{"GET", at + "/accounts", aMember, "read:lists", h.inList},
		{"POST", at + "/accounts", aMember, "write:lists", h.addToList},
		{"DELETE", at + "/accounts", aMember, "write:lists", h.takeFromList},
		{"GET", "/api/v1/accounts/{id:[0-9]+}/lists", aMember, "read:lists", h.listsWith},
	}
}

type listEntity struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Replies   string `json:"replies_policy"`
	Exclusive bool   `json:"exclusive"`
}

func listOf(l reading.List) listEntity { return listEntity{id(l.ID), l.Title, l.Replies, l.Exclusive} }

func listsOf(all []reading.List) []listEntity {
	shown := make([]listEntity, 0, len(all))
	for _, l := range all {
		shown = append(shown, listOf(l))
	}
	return shown
}

func (h *Handler) lists(c *call) (any, error) {
	all, err := h.Reading.Lists(c.r.Context(), c.member().ID)
	return listsOf(all), err
}

func (h *Handler) oneList(c *call) (any, error) {
	l, err := h.Reading.ListByID(c.r.Context(), c.member().ID, c.path("id"))
	return listOf(l), err
}

func (h *Handler) newList(c *call) (any, error) {
	l, err := h.Reading.NewList(c.r.Context(), c.member().ID, reading.List{Title: c.params.Get("title"),
		Replies: c.params.Get("replies_policy"), Exclusive: c.yes("exclusive")})
	return listOf(l), err
}

// changeList leaves as it was what the app does not name.
func (h *Handler) changeList(c *call) (any, error) {
	l, err := h.Reading.ListByID(c.r.Context(), c.member().ID, c.path("id"))
	if err != nil {
		return nil, err
	}
	if c.params.Has("title") {
		l.Title = c.params.Get("title")
	}
	if c.params.Has("replies_policy") {
		l.Replies = c.params.Get("replies_policy")
	}
	if c.params.Has("exclusive") {
		l.Exclusive = c.yes("exclusive")
	}
	l, err = h.Reading.ChangeList(c.r.Context(), c.member().ID, l)
	return listOf(l), err
}

func (h *Handler) dropList(c *call) (any, error) {
	return struct{}{}, h.Reading.DropList(c.r.Context(), c.member().ID, c.path("id"))
}

func (h *Handler) inList(c *call) (any, error) {
	limit := c.limit(40, 80)
	if c.params.Get("limit") == "0" { // as apps ask for all
		limit = 0
	}
	ids, err := h.Reading.Listed(c.r.Context(), c.member().ID, c.path("id"), actors.ID(c.number("max_id")), limit)
	if err != nil {
		return nil, err
	}
	if limit != 0 && len(ids) == limit {
		h.linkTo(c, id(ids[0]), id(ids[len(ids)-1]))
	}
	people, err := h.Directory.ByIDs(c.r.Context(), ids)
	if err != nil {
		return nil, err
	}
	all := make([]actors.Actor, 0, len(ids))
	for _, one := range ids {
		if a, ok := people[one]; ok {
			all = append(all, a)
		}
	}
	return h.accounts(c, all)
}

func (c *call) accountIDs() (ids []actors.ID) {
	for _, n := range numbers(c.params["account_ids"], 100) {
		ids = append(ids, actors.ID(n))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (h *Handler) addToList(c *call) (any, error) {
	return struct{}{}, h.Reading.AddTo(c.r.Context(), c.member().ID, c.path("id"), c.accountIDs())
}

func (h *Handler) takeFromList(c *call) (any, error) {
	return struct{}{}, h.Reading.TakeFrom(c.r.Context(), c.member().ID, c.path("id"), c.accountIDs())
}

func (h *Handler) listsWith(c *call) (any, error) {
	a, err := h.someone(c)
	if err != nil {
		return nil, err
	}
	all, err := h.Reading.ListsWith(c.r.Context(), c.member().ID, a.ID)
	return listsOf(all), err
}
