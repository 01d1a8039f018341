package inbox

import (
	"net/http"

	"github.com/gorilla/mux"
)

// Routes registers the inboxes.
func (in *Inbox) Routes(r *mux.Router) {
	r.HandleFunc("/inbox", in.Receive)
	r.HandleFunc("/actors/{id:[0-9]+}/inbox", in.Receive)
}

// pathID is the number in the address of an actor's own inbox, "" for the shared one.
func pathID(r *http.Request) string { return mux.Vars(r)["id"] }
