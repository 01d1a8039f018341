// Package documents shows our people, communities and posts to other servers, and tells
// them where things are: WebFinger, host-meta, NodeInfo.
//
// Routes lists what is shown. An ActivityPub document and a page often share an address:
// Wanted says which of the two is asked for (negotiate.go). Who asks is known by the
// signature of the request, if there is one (reader.go); what is not for them does not
// exist. What anybody may read is kept encoded for a few seconds (cache.go).
package documents

import (
	"log/slog"
	"net/http"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/media"
	"passerelles/posts"
	"passerelles/storage"
)

// Software is how NodeInfo names this program, for ever.
const Software = "passerelles"

// Options are the parts that a handler is made of.
type Options struct {
	DB          *storage.DB
	Directory   *actors.Directory
	Hosts       *access.Hosts
	Communities *communities.Service
	Posts       *posts.Service
	Media       *media.Service
	IRIs        federation.IRIs
	Name        string // of the server, for people
	Version     string // of this program
	Now         func() time.Time
	Log         *slog.Logger

	// Patient refuses who made us ask for too many keys in vain, and Vain hears of each
	// request whose key could not be had; nil: neither.
	Patient func(r *http.Request) error
	Vain    func(r *http.Request)
}

// Handler answers other servers.
type Handler struct {
	Options
	cache cache
	usage usageCache
}

// New makes a handler.
func New(o Options) *Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Patient == nil {
		o.Patient = func(*http.Request) error { return nil }
	}
	if o.Vain == nil {
		o.Vain = func(*http.Request) {}
	}
	if o.Version == "" {
		o.Version = "0"
	}
	return &Handler{Options: o}
}
