package web

import (
	"net/http"
	"strings"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/media"
)

// portrait gives the picture of somebody, or of a community, to who may know of them. For all
// others it is as what is not there.
func (h *Handler) portrait(w http.ResponseWriter, r *http.Request) {
	p, err := h.Media.PortraitByPath(r.Context(), pathVar(r, "portrait"))
	if err == nil {
		var open bool
		if open, err = h.knownToAll(r, p); open {
			media.ServePortrait(w, r, p, media.Served{Keep: keepPublic, Anywhere: true})
			return
		}
	}
	h.door(func(v *visit) error { return h.portraitTo(v, p, err) }).ServeHTTP(w, r)
}

func (h *Handler) knownToAll(r *http.Request, p media.Portrait) (bool, error) {
	a, err := h.Directory.ByID(r.Context(), p.Actor)
	if err != nil {
		return false, err
	}
	return access.Knows(r.Context(), h.DB, access.Reader{}, a)
}

// portraitTo gives it to who is signed in.
func (h *Handler) portraitTo(v *visit, p media.Portrait, err error) error {
	if err != nil {
		return err
	}
	a, err := h.Directory.ByID(v.r.Context(), p.Actor)
	if _, err = h.unlessHidden(v, a, err); fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nothingHere()
	}
	if err != nil {
		return err
	}
	media.ServePortrait(v.w, v.r, p, media.Served{Keep: keepPrivate})
	return nil
}

// pictureSent makes a portrait of the picture that came with a form, nil where it is to be none.
// The picture itself is not kept.
func (h *Handler) pictureSent(v *visit) (*media.Portrait, error) {
	if v.r.PostFormValue("act") == "remove" {
		return nil, nil // none is wanted, which is no error
	}
	defer h.drop(v)
	if err := h.unwelcome(v); err != nil {
		return nil, err
	}
	if len(v.came.order) != 1 {
		return nil, fault.New(fault.Invalid, "Choose a picture: JPEG, PNG, GIF or WebP.")
	}
	p, err := h.Media.Portray(v.r.Context(), v.came.files[v.came.order[0]])
	return &p, err
}

// setPicture changes the picture of a community.
func (h *Handler) setPicture(v *visit) error {
	form, err := h.managed(v)
	if err != nil {
		return err
	}
	p, err := h.pictureSent(v)
	if err == nil {
		err = h.Communities.SetPicture(v.r.Context(), v.member.ID, form.Community.Actor.ID, p)
	}
	if err != nil {
		return h.pictureAgain(v, err, &form.NoPicture, "manage", page{Title: "manage.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.managed", actorPath(form.Community.Actor)+"/manage")
}

// setMyPicture changes that of a member.
func (h *Handler) setMyPicture(v *visit) error {
	a, err := h.Directory.ByID(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	p, err := h.pictureSent(v)
	if err == nil {
		err = h.Accounts.SetPicture(v.r.Context(), v.member.ID, p)
	}
	if err != nil {
		form := settingsOf(v, a)
		return h.pictureAgain(v, err, &form.NoPicture, "settings", page{Title: "settings.title", Hidden: true, Body: &form})
	}
	return h.done(v, "done.profile", "/settings")
}

// pictureAgain shows a form with what is wrong with the picture that came.
func (h *Handler) pictureAgain(v *visit, err error, said *string, name string, p page) error {
	*said = h.saidOf(v, err)
	if *said == "" {
		return err
	}
	return h.render(v, h.weigh(v, err).Status(), name, p)
}

// portraitPath is where a page finds the portrait of an actor of ours, "" for none.
func (h *Handler) portraitPath(a actors.Actor) string {
	if path, ours := strings.CutPrefix(a.Icon, h.Origin); ours {
		return path
	}
	return ""
}
