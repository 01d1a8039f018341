package documents

import (
	"net/http"
	"strconv"

	"passerelles/fault"
)

// theme shows a theme of a community of ours to who may know of that; a browser is sent to the
// threads that stand under it.
func (h *Handler) theme(w http.ResponseWriter, r *http.Request) error {
	if err := acceptable(r); err != nil {
		return err
	}
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	a, err := h.local(r, who)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(pathVar(r, "theme"), 10, 64)
	if err != nil {
		return errNobody
	}
	t, err := h.Communities.ThemeByID(r.Context(), h.DB, a.ID, id)
	if fault.Is(err, fault.NotFound) || err == nil && t.IRI != h.IRIs.Theme(int64(a.ID), id) {
		return errNobody
	}
	if err != nil {
		return err
	}
	if prefersPage(r) {
		w.Header().Set("Vary", "Accept")
		http.Redirect(w, r, pageOf(h.IRIs.Origin, a)+"?theme="+strconv.FormatInt(id, 10), http.StatusSeeOther)
		return nil
	}
	body, err := t.Document().Encode()
	if err != nil {
		return err
	}
	e := encode(body)
	e.public = !a.Access.Closed()
	return h.send(w, r, e)
}
