// Package mastodon is the door for apps: the part of Mastodon's client API that docs/mastodon-api.md
// lists.
//
// Routes is the table: each address with the right that its token must hold. A handler reads
// a call (call.go: who asks, with which rights, with what), calls one verb of the rules and gives
// a value of entity_….go, which becomes JSON; an error becomes JSON too (errors.go).
package mastodon

import (
	"context"
	"log/slog"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/history"
	"passerelles/media"
	"passerelles/notifications"
	"passerelles/oauth"
	"passerelles/pace"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/streaming"
	"passerelles/timelines"
)

// Options are the parts that the door leads to.
type Options struct {
	DB          *storage.DB
	Accounts    *accounts.Service
	Apps        *oauth.Service
	Communities *communities.Service
	Posts       *posts.Service
	Timelines   *timelines.Service
	History     *history.Service
	Directory   *actors.Directory
	Media       *media.Service
	Mails       *notifications.Service
	Streams     *streaming.Service
	IRIs        federation.IRIs

	Asked *pace.Pace[actors.ID]                                              // of other servers, by each member; nil: as much as they like
	Usage func(context.Context) (members, activeMonth, posts int, err error) // of this server

	Name     string // of this server, as people read it
	Version  string
	Language string // for those who did not choose
	Now      func() time.Time
	Log      *slog.Logger
}

// Handler answers apps.
type Handler struct {
	Options
	registered pace.Pace[string] // apps, by the address that had them registered
}

// New builds the door.
func New(o Options) *Handler {
	return &Handler{Options: o, registered: pace.Pace[string]{Most: appsAnHour, Within: time.Hour}}
}
