package server

import (
	"net/http"

	"github.com/gorilla/mux"
)

// routes joins the doors. The busiest paths stand first: mux tries them in
// this order.
func (s *Server) routes() *mux.Router {
	r := mux.NewRouter().SkipClean(true).UseEncodedPath()
	s.Inbox.Routes(r, s.refusals.limit)
	r.HandleFunc("/healthz", s.healthz).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/readyz", s.readyz).Methods(http.MethodGet, http.MethodHead)
	s.Documents.Routes(r)
	s.Mastodon.Routes(r)
	s.Web.Routes(r)
	return r
}

// Handler answers every request of the site.
func (s *Server) Handler() http.Handler { return s.router }
