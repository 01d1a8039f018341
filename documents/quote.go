package documents

import (
	"net/http"
	"strconv"

	"passerelles/fault"
)

// quote shows that a post elsewhere may quote one of ours (FEP-044f): the servers that show
// the quote ask for it.
func (h *Handler) quote(w http.ResponseWriter, r *http.Request) error {
	if err := acceptable(r); err != nil {
		return err
	}
	post, err := pathID(r)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(pathVar(r, "quote"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, noPost)
	}
	n, err := h.Posts.QuoteAuthorization(r.Context(), post, id)
	if err != nil {
		return err
	}
	body, err := n.Encode()
	if err != nil {
		return err
	}
	e := encode(body)
	e.public = true
	return h.send(w, r, e)
}
