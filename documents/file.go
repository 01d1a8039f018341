package documents

import (
	"net/http"

	"passerelles/access"
	"passerelles/fault"
	"passerelles/media"
)

// file gives a file of a post to a server or a person elsewhere who sees the post. Who signs
// nothing is known by the session, or not at all: see package web.
func (h *Handler) file(w http.ResponseWriter, r *http.Request) error {
	how := media.Served{Keep: "private, no-store", Anywhere: true}
	f, it, missing := h.Media.FileByPath(r.Context(), pathVar(r, "attached"))
	if missing == nil {
		granted, err := h.Media.Granted(r.Context(), r.URL.Query().Get("grant"), f, it)
		if err != nil {
			return err
		}
		if granted {
			return h.Media.Serve(w, r, f, how)
		}
	}
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	if missing != nil {
		return missing
	}
	sees, err := access.CanSee(r.Context(), h.DB, who, it)
	if err != nil {
		return err
	}
	if !sees {
		return fault.New(fault.NotFound, "There is nothing at this address.")
	}
	return h.Media.Serve(w, r, f, how)
}
