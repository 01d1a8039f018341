package documents

import (
	"net/http"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/media"
)

// portrait gives the picture of somebody, or of a community, to a server or a person elsewhere who
// may know of them. Who signs nothing is known by the session, or not at all: see package web.
func (h *Handler) portrait(w http.ResponseWriter, r *http.Request) error {
	p, missing := h.Media.PortraitByPath(r.Context(), pathVar(r, "portrait"))
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	if missing != nil {
		return missing
	}
	a, err := h.Directory.ByID(r.Context(), p.Actor)
	if err != nil {
		return err
	}
	knows, err := access.Knows(r.Context(), h.DB, who, a)
	if err != nil {
		return err
	}
	if !knows {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	how := media.Served{Keep: "public, max-age=3600", Anywhere: true}
	if a.Access == actors.Confidential {
		how.Keep = "private, no-store"
	}
	media.ServePortrait(w, r, p, how)
	return nil
}
