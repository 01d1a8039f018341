package web

import (
	"net/url"
	"strings"

	"passerelles/actors"
	"passerelles/fault"
)

type profilePage struct {
	Bond    bond
	Address string
	List    list

	Admin     bool // the reader may suspend and restore this account of ours
	Suspended bool
	Factor    bool // it has a second factor, for who administers
}

// profile shows a person of ours, or what came here of one elsewhere.
func (h *Handler) profile(v *visit) error {
	name := pathVar(v.r, "name")
	a, err := h.known(v, name)
	if fault.Is(err, fault.NotFound) && v.member != nil && strings.Contains(name, "@") {
		return v.redirect("/follow?who=" + url.QueryEscape("@"+name)) // members may ask its server
	}
	if err != nil {
		return err
	}
	switch a.Kind {
	case actors.Group:
		return v.redirect(actorPath(a))
	case actors.Application:
		return v.redirect("/about")
	}
	suspended, admin, err := h.standsAsAccount(v, a)
	if err != nil {
		return err
	}
	factor, err := h.hasFactor(v, a, admin)
	if err != nil {
		return err
	}
	found, err := h.Timelines.Profile(v.r.Context(), v.reader(), a.ID, v.part())
	if err != nil {
		return err
	}
	b, err := h.bondWith(v, a)
	if err != nil {
		return err
	}
	body := profilePage{Bond: b, Address: h.address(a), List: listOf(found, actorPath(a)), Admin: admin, Suspended: suspended, Factor: factor}
	p := page{Title: a.DisplayName(), Named: true, Hidden: !a.Local() || !a.Indexable, Document: a.IRI, Body: body}
	if a.Local() {
		p.Card = h.cardOfPerson(a)
	}
	if a.Local() && a.Discoverable {
		p.Feed = actorPath(a) + feedFile
	}
	return h.show(v, "profile", p)
}
