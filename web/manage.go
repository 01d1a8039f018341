package web

import (
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
)

type managePage struct {
	Community communities.Community
	Owns      bool
	Title     string // as it stands, or was typed
	Text      string
	Name      string
	Error     string // of what the community says of itself
	Wrong     string // of its name
	NoPicture string // of its picture
}

// managed finds the community that the address names, for who animates it.
func (h *Handler) managed(v *visit) (managePage, error) {
	c, err := h.circle(v)
	if err != nil {
		return managePage{}, err
	}
	role, err := h.Communities.RoleOf(v.r.Context(), h.DB, c.Actor.ID, v.member.ID)
	if err == nil && role != communities.RoleAnimator && role != communities.RoleOwner {
		err = fault.New(fault.Forbidden, "Only those who animate the community may do this.")
	}
	return managePage{Community: c, Owns: role == communities.RoleOwner, Title: c.Actor.Title, Text: c.Actor.Source, Name: c.Actor.Name}, err
}

// owned is managed for who owns it.
func (h *Handler) owned(v *visit) (communities.Community, error) {
	form, err := h.managed(v)
	if err == nil && !form.Owns {
		err = fault.New(fault.Forbidden, "Only who owns the community may do this.")
	}
	return form.Community, err
}

// managing shows what may be changed about a community.
func (h *Handler) managing(v *visit) error {
	form, err := h.managed(v)
	if err != nil {
		return err
	}
	return h.show(v, "manage", page{Title: "manage.title", Hidden: true, Body: form})
}

// manage changes what a community says of itself.
func (h *Handler) manage(v *visit) error {
	form, err := h.managed(v)
	if err != nil {
		return err
	}
	form.Title, form.Text = v.r.PostFormValue("title"), v.r.PostFormValue("text")
	_, err = h.Communities.UpdateProfile(v.r.Context(), v.member.ID, form.Community.Actor.ID,
		communities.Profile{Title: form.Title, Source: form.Text, Language: v.r.PostFormValue("language")})
	if err != nil {
		return h.formAgain(v, err, &form.Error, "manage", page{Title: "manage.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.managed", actorPath(form.Community.Actor))
}

// rename has a community called otherwise.
func (h *Handler) rename(v *visit) error {
	form, err := h.managed(v)
	if err != nil {
		return err
	}
	form.Name = v.r.PostFormValue("name")
	c, err := h.Communities.Rename(v.r.Context(), v.member.ID, form.Community.Actor.ID, form.Name)
	if err != nil {
		return h.formAgain(v, err, &form.Wrong, "manage", page{Title: "manage.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.renamed", actorPath(c.Actor))
}

// archive makes a community one that is only read, or takes that back.
func (h *Handler) archive(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	yes, said := v.r.PostFormValue("archived") == "yes", "done.unarchived"
	if yes {
		said = "done.archived"
	}
	if err := h.Communities.Archive(v.r.Context(), v.member.ID, c.Actor.ID, yes); err != nil {
		return err
	}
	return h.done(v, said, actorPath(c.Actor))
}

type levelPage struct {
	Community communities.Community
	To        actors.Access
	Members   int
	Onlookers int // who follows without being a member
}

// changingLevel says what a change of level shows or hides, before it is made.
func (h *Handler) changingLevel(v *visit) error {
	c, err := h.owned(v)
	if err != nil {
		return err
	}
	body := levelPage{Community: c, To: actors.Open}
	switch c.Access {
	case actors.Open:
		body.To = actors.ForMembers
	case actors.Confidential:
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	ctx := v.r.Context()
	if body.Members, err = h.Communities.CountMembers(ctx, h.DB, c.Actor.ID); err != nil {
		return err
	}
	if body.Onlookers, err = h.Communities.CountOnlookers(ctx, c.Actor.ID); err != nil {
		return err
	}
	return h.show(v, "level", page{Title: "level.title", Hidden: true, Body: body})
}

// changeLevel makes it.
func (h *Handler) changeLevel(v *visit) error {
	c, err := h.circle(v)
	if err != nil {
		return err
	}
	to := actors.Access(v.r.PostFormValue("level"))
	if err := h.Communities.SetAccess(v.r.Context(), v.member.ID, c.Actor.ID, to); err != nil {
		return err
	}
	said := "done.opened"
	if to == actors.ForMembers {
		said = "done.closed"
	}
	return h.done(v, said, actorPath(c.Actor))
}

type endPage struct {
	Community communities.Community
	Error     string
}

// ending says what is lost with a community, and asks for its name.
func (h *Handler) ending(v *visit) error {
	c, err := h.owned(v)
	if err != nil {
		return err
	}
	return h.show(v, "end", page{Title: "end.title", Hidden: true, Body: endPage{Community: c}})
}

// end deletes a community for ever.
func (h *Handler) end(v *visit) error {
	c, err := h.owned(v)
	if err != nil {
		return err
	}
	if err := h.Communities.Delete(v.r.Context(), v.member.ID, c.Actor.ID, v.r.PostFormValue("name")); err != nil {
		form := endPage{Community: c}
		return h.formAgain(v, err, &form.Error, "end", page{Title: "end.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.ended", "/")
}
