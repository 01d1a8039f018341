package web

import (
	"passerelles/access"
	"passerelles/actors"
)

// shunning is what a member may do about a person, and what the next page says.
type shunning struct{ do, done string }

var shunnings = map[string]shunning{
	"/block": {"block", "done.blocked"}, "/unblock": {"unblock", "done.unblocked"},
	"/mute": {"mute", "done.muted"}, "/unmute": {"unmute", "done.unmuted"},
}

// shun blocks or mutes a person, or takes that back.
func (h *Handler) shun(v *visit) error {
	a, err := h.chosen(v)
	if err != nil {
		return err
	}
	ctx, me, what := v.r.Context(), v.member.ID, shunnings[v.r.URL.Path]
	switch what.do {
	case "block":
		err = h.Accounts.Block(ctx, me, a)
	case "unblock":
		err = h.Accounts.Unblock(ctx, me, a)
	case "mute":
		err = h.Accounts.Mute(ctx, me, a)
	case "unmute":
		err = h.Accounts.Unmute(ctx, me, a)
	}
	if err != nil {
		return err
	}
	if v.r.PostFormValue("list") != "" {
		return h.done(v, what.done, "/settings/shunned")
	}
	return h.done(v, what.done, actorPath(a))
}

type shunnedPage struct{ People []bond }

// shunned shows a member whom it blocks or mutes.
func (h *Handler) shunned(v *visit) error {
	list, err := access.ShunnedBy(v.r.Context(), h.DB, v.member.ID)
	if err != nil {
		return err
	}
	ids := make([]actors.ID, len(list))
	for i, s := range list {
		ids[i] = s.Who
	}
	known, err := h.Directory.ByIDs(v.r.Context(), ids)
	if err != nil {
		return err
	}
	var body shunnedPage
	for _, s := range list {
		if a, here := known[s.Who]; here && !a.Gone {
			body.People = append(body.People, bond{Actor: a, Me: true, Shun: s})
		}
	}
	return h.show(v, "shunned", page{Title: "shunned.title", Hidden: true, Body: body})
}
