package mastodon

import (
	"passerelles/actors"
	"passerelles/timelines"
)

type conversation struct {
	ID       string    `json:"id"`
	Unread   bool      `json:"unread"`
	Accounts []account `json:"accounts"`
	Last     *status   `json:"last_status"`
}

// exchanges are the direct ones of the member.
func (h *Handler) exchanges(c *call) (any, error) {
	all, err := h.Timelines.Exchanges(c.r.Context(), c.reader(), c.plainPage(20, 40))
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		h.linkTo(c, id(all[0].Last.ID), id(all[len(all)-1].Last.ID))
	}
	return h.conversations(c, all)
}

func (h *Handler) conversations(c *call, all []timelines.Exchange) ([]conversation, error) {
	shown := make([]conversation, 0, len(all))
	for _, e := range all {
		last, err := h.one(c, e.Last)
		if err != nil {
			return nil, err
		}
		v := conversation{ID: id(e.Root), Unread: e.Unread, Accounts: []account{}, Last: &last}
		for _, a := range append([]actors.Actor{e.Last.Author}, e.Last.Mentions...) {
			if a.ID != c.member().ID {
				v.Accounts = append(v.Accounts, h.accountOf(a))
			}
		}
		shown = append(shown, v)
	}
	return shown, nil
}

// exchange finds the one that the address names: what is said last in it.
func (h *Handler) exchange(c *call) (timelines.Exchange, error) {
	e, err := h.Timelines.ExchangeOf(c.r.Context(), c.reader(), c.path("id"))
	return e, err
}

func (h *Handler) putAway(c *call) (any, error) {
	e, err := h.exchange(c)
	if err == nil {
		err = h.Reading.PutAway(c.r.Context(), c.member().ID, e.Root, e.Last.ID)
	}
	return struct{}{}, err
}

func (h *Handler) readExchange(c *call) (any, error) {
	e, err := h.exchange(c)
	if err == nil {
		err = h.Reading.ReadExchange(c.r.Context(), c.member().ID, e.Root, e.Last.ID)
	}
	if err != nil {
		return nil, err
	}
	e.Unread = false
	all, err := h.conversations(c, []timelines.Exchange{e})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}
