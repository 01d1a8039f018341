package inbox

import (
	"net/http"

	"github.com/gorilla/mux"
)

// Routes registers the inboxes; before stands in front of each, say to slow down
// who sends rubbish.
func (in *Inbox) Routes(r *mux.Router, before func(http.HandlerFunc) http.HandlerFunc) {
	receive := before(in.Receive)
	r.HandleFunc("/inbox", receive)
	r.HandleFunc("/actors/{id:[0-9]+}/inbox", receive)
}

// pathID is the number in the address of an actor's own inbox, "" for the shared one.
func pathID(r *http.Request) string { return mux.Vars(r)["id"] }
