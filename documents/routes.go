package documents

import (
	"errors"
	"net/http"

	"github.com/gorilla/mux"

	"passerelles/fault"
	"passerelles/media"
	"passerelles/storage"
)

// Routes registers what other servers read, before the pages: an address that a page
// shares is taken only when the document is wanted.
func (h *Handler) Routes(r *mux.Router) {
	get := func(path string, f action) {
		r.Handle(path, h.door(f)).Methods(http.MethodGet, http.MethodHead)
	}
	shared := func(path string, f action) {
		r.Handle(path, h.door(f)).Methods(http.MethodGet, http.MethodHead).MatcherFunc(wantedHere)
		r.Handle(path, h.door(neither)).Methods(http.MethodGet, http.MethodHead).MatcherFunc(neitherWanted)
	}

	get("/.well-known/webfinger", h.webfinger)
	get("/.well-known/host-meta", h.hostMeta)
	get("/.well-known/host-meta.json", h.hostMetaJSON)
	get("/.well-known/nodeinfo", h.nodeinfoIndex)
	get("/nodeinfo/{version:2\\.[01]}", h.nodeinfo)

	shared("/", h.application)
	get("/actor", h.application)
	get("/actor/outbox", h.applicationCount)
	get("/actor/followers", h.applicationCount)
	get("/actor/following", h.applicationCount)
	shared("/@{name:[A-Za-z0-9_]+}", h.person)
	shared("/c/{name:[A-Za-z0-9_]+}", h.group)

	get("/actors/{id:[0-9]+}", h.actor)
	get("/actors/{id:[0-9]+}/outbox", h.outbox)
	get("/actors/{id:[0-9]+}/followers", h.followers)
	get("/actors/{id:[0-9]+}/following", h.following)
	get("/actors/{id:[0-9]+}/members", h.members)
	get("/actors/{id:[0-9]+}/moderators", h.moderators)
	get("/actors/{id:[0-9]+}/featured", h.featured)
	get("/actors/{id:[0-9]+}/themes/{theme:[0-9]+}", h.theme)

	shared("/posts/{id:[0-9]+}", h.post)
	get("/posts/{id:[0-9]+}/context", h.thread)
	get("/posts/{id:[0-9]+}/replies", h.replies)
	get("/posts/{id:[0-9]+}/likes", h.likes)
	get("/posts/{id:[0-9]+}/quotes/{quote:[0-9]+}", h.quote)

	shared("/echoes/{id:[0-9]+}", h.echo)
	get("/activities/{key}", h.activity)
	r.Handle(media.FilePath+"{attached}", h.door(h.file)).Methods(http.MethodGet, http.MethodHead).MatcherFunc(fromServer)
	r.Handle(media.PortraitPath+"{portrait}", h.door(h.portrait)).Methods(http.MethodGet, http.MethodHead).MatcherFunc(fromServer)
}

// fromServer says whether who asks says so by a signature, rather than by a session.
func fromServer(r *http.Request, _ *mux.RouteMatch) bool { return signed(r) }

func wantedHere(r *http.Request, _ *mux.RouteMatch) bool { return Wanted(r) }

func neitherWanted(r *http.Request, _ *mux.RouteMatch) bool {
	document, page := weigh(r)
	return document == 0 && page == 0
}

func neither(http.ResponseWriter, *http.Request) error {
	return fault.New(fault.NotAcceptable, "this is shown as a page or as an ActivityPub document")
}

// action answers a request, or says why not.
type action func(w http.ResponseWriter, r *http.Request) error

// door makes an HTTP answer of an error: one line, and its status.
func (h *Handler) door(f action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		kind := fault.KindOf(err)
		if kind == fault.Internal && storage.Away(err) {
			kind = fault.Unavailable
		}
		if kind == fault.Internal && !errors.Is(err, r.Context().Err()) {
			h.Log.Error("document", "path", r.URL.Path, "error", err)
		}
		head := w.Header()
		if kind == fault.Unavailable || kind == fault.TooMany {
			head.Set("Retry-After", fault.RetryAfter(err))
		}
		head.Set("Content-Type", "text/plain; charset=utf-8")
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Cache-Control", "no-store")
		head.Add("Vary", "Accept")
		w.WriteHeader(kind.Status())
		message := fault.Message(err)
		if message == "" {
			message = http.StatusText(kind.Status())
		}
		_, _ = w.Write([]byte(message + "\n")) // fails only if who asked has gone
	})
}

// pathVar is a part of the address that its route names.
func pathVar(r *http.Request, name string) string { return mux.Vars(r)[name] }
