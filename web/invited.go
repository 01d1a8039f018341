package web

import (
	"strconv"
	"time"

	"passerelles/communities"
	"passerelles/fault"
)

// invitedKey holds in a browser's session the number of the link that was opened in it, so that
// what lets in stands in one address only, and none that is shown.
const invitedKey = "invited"

// openLink remembers that somebody opened a link, and leads to the page that says to what. Of one
// that lets nobody in, and of what never was one, it is said that there is nothing.
func (h *Handler) openLink(v *visit) error {
	l, err := h.Communities.LinkByToken(v.r.Context(), pathVar(v.r, "token"))
	if fault.Is(err, fault.NotFound) {
		h.NotFound(v.w, v.r)
		return nil
	}
	if err != nil {
		return err
	}
	h.sessions.Put(v.r.Context(), invitedKey, l.ID)
	return v.redirect("/invitation")
}

type invitedPage struct {
	Community communities.Community
	Charter   communities.Charter
	Error     string
}

// invited shows the community to which the link leads that was opened in this browser.
func (h *Handler) invited(v *visit) error {
	body, standing, err := h.invitedTo(v)
	if err != nil {
		return err
	}
	if standing == communities.Member {
		return v.redirect(actorPath(body.Community.Actor))
	}
	return h.show(v, "invited", page{Title: "invited.title", Hidden: true, Body: body})
}

func (h *Handler) invitedTo(v *visit) (body invitedPage, standing communities.Standing, err error) {
	ctx := v.r.Context()
	l, standing, err := h.Communities.LinkFor(ctx, v.member.ID, h.sessions.GetInt64(ctx, invitedKey))
	if err != nil {
		return body, standing, err
	}
	if body.Community, err = h.Communities.ByID(ctx, l.Community); err != nil {
		return body, standing, err
	}
	body.Charter, err = h.Communities.Charter(ctx, h.DB, l.Community)
	return body, standing, err
}

// joinInvited makes a member of who opened a link.
func (h *Handler) joinInvited(v *visit) error {
	ctx := v.r.Context()
	body, _, err := h.invitedTo(v)
	if err != nil {
		return err
	}
	charter, _ := strconv.Atoi(v.r.PostFormValue("charter")) // anything else is no version
	err = h.Communities.JoinByLink(ctx, v.member.ID, h.sessions.GetInt64(ctx, invitedKey), charter)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		return h.formAgain(v, err, &body.Error, "invited", page{Title: "invited.title", Hidden: true, Body: &body})
	}
	if err != nil {
		return err
	}
	h.sessions.Remove(ctx, invitedKey)
	return h.done(v, "done.joined", actorPath(body.Community.Actor))
}

// goal is where to go after signing up: to what somebody was invited to in this browser.
func (h *Handler) goal(v *visit, otherwise string) string {
	if h.sessions.GetInt64(v.r.Context(), invitedKey) != 0 {
		return "/invitation"
	}
	return otherwise
}

type linksPage struct {
	Community communities.Community
	Links     []communities.Link
	Made      string // the address of the one that was made: it is shown this once
	Error     string
	Label     string
	Most      string
	Days      string
}

// links shows those who animate a community its invitation links.
func (h *Handler) links(v *visit) error {
	body, err := h.linksPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "links", page{Title: "links.title", Hidden: true, Body: body})
}

func (h *Handler) linksPage(v *visit) (body linksPage, err error) {
	body.Most, body.Days = "1", "14"
	if body.Community, err = h.circle(v); err != nil {
		return body, err
	}
	body.Links, err = h.Communities.Links(v.r.Context(), v.member.ID, body.Community.Actor.ID)
	return body, err
}

// makeLink makes one, and shows it.
func (h *Handler) makeLink(v *visit) error {
	body, err := h.linksPage(v)
	if err != nil {
		return err
	}
	most, _ := strconv.Atoi(v.r.PostFormValue("most")) // what is no number is refused
	days, _ := strconv.Atoi(v.r.PostFormValue("days"))
	n := communities.NewLink{Label: v.r.PostFormValue("label"), Most: most, Life: time.Duration(min(days, 1000)) * 24 * time.Hour}
	made, err := h.Communities.MakeLink(v.r.Context(), v.member.ID, body.Community.Actor.ID, n)
	if err != nil {
		body.Label, body.Most, body.Days = n.Label, v.r.PostFormValue("most"), v.r.PostFormValue("days")
		return h.formAgain(v, err, &body.Error, "links", page{Title: "links.title", Hidden: true, Body: &body})
	}
	if body, err = h.linksPage(v); err != nil {
		return err
	}
	body.Made = made.Address
	v.w.Header().Set("Cache-Control", "no-store")
	return h.show(v, "links", page{Title: "links.title", Hidden: true, Body: body})
}

// endLink ends one.
func (h *Handler) endLink(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	id, err := number(v.r.PostFormValue("id"))
	if err != nil {
		return err
	}
	if err := h.Communities.EndLink(v.r.Context(), v.member.ID, c.Actor.ID, id); err != nil {
		return err
	}
	return h.done(v, "done.uninvited", actorPath(c.Actor)+"/invitations")
}
