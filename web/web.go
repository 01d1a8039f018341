// Package web is the site: pages for people, from templates, that need no script.
//
// Routes lists the pages. A handler parses a visit (visit.go: who asks, in which
// language), calls one verb of the rules and shows a page (render.go) or goes to
// another; an error becomes a page too (errors.go). Feeds (feed.go) and the
// sitemap are open: the same for everybody (open.go). Each text stands in
// translations, each picture and style sheet in static, under a name that
// changes with it.
package web

import (
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/departures"
	"passerelles/history"
	"passerelles/media"
	"passerelles/moderation"
	"passerelles/notifications"
	"passerelles/oauth"
	"passerelles/pace"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/timelines"
)

// Options are the parts that the site is made of.
type Options struct {
	DB          *storage.DB
	Accounts    *accounts.Service
	Apps        *oauth.Service
	Communities *communities.Service
	Posts       *posts.Service
	Timelines   *timelines.Service
	Moderation  *moderation.Service
	Hosts       *access.Hosts
	History     *history.Service
	Departures  *departures.Service
	Directory   *actors.Directory
	Media       *media.Service
	Mails       *notifications.Service // nil: none are sent
	Asked       *pace.Pace[actors.ID]  // of other servers, by each member; nil: as much as they like

	Origin   string // scheme://host[:port]
	Name     string // of this server, as people read it
	Language string // for those who did not choose
	Secure   bool   // the origin is https
	Now      func() time.Time
	Log      *slog.Logger
}

// Handler answers browsers.
type Handler struct {
	Options
	sessions *scs.SessionManager
	sameSite *http.CrossOriginProtection
	words    *words
	static   map[string]asset
	looks    map[string]*template.Template // by language
	kept     keptSitemap
}

// New makes the site.
func New(o Options) (*Handler, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Name == "" {
		o.Name = "Passerelles"
	}
	h := &Handler{Options: o, sessions: newSessions(o), sameSite: http.NewCrossOriginProtection()}
	if err := h.sameSite.AddTrustedOrigin(o.Origin); err != nil {
		return nil, fmt.Errorf("trust our own pages: %w", err)
	}
	h.sameSite.SetDenyHandler(http.HandlerFunc(h.crossSite))
	h.sessions.ErrorFunc = h.noSession
	var err error
	if h.words, err = loadWords(); err != nil {
		return nil, err
	}
	if h.static, err = loadStatic(); err != nil {
		return nil, err
	}
	h.looks, err = h.loadLooks()
	return h, err
}
