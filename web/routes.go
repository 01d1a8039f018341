package web

import "github.com/gorilla/mux"

// Routes are the pages, in the order of the site.
func (h *Handler) Routes(r *mux.Router) {}
