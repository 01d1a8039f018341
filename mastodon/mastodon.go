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
	"passerelles/moderation"
	"passerelles/notifications"
	"passerelles/oauth"
	"passerelles/pace"
	"passerelles/posts"
	"passerelles/push"
	"passerelles/reading"
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
	Streams     *streaming.Service
	Push        *push.Service
	Moderation  *moderation.Service
	Notices     *notifications.Service
	Reading     *reading.Service
	IRIs        federation.IRIs

	Asked *pace.Pace[actors.ID]                                              // of other servers, by each member; nil: as much as they like
	Usage func(context.Context) (members, activeMonth, posts int, err error) // of this server
	Weeks func(ctx context.Context, n int) ([]Week, error)                   // its last ones

	Calls int // of one token within five minutes; 0: as many as it likes

	Name     string // of this server, as people read it
	Version  string
	Language string // for those who did not choose
	Now      func() time.Time
	Log      *slog.Logger
}

// Week is how lively this server was in a week.
type Week struct {
	Begins                  time.Time
	Posts, Authors, Members int
}

// Handler answers apps.
type Handler struct {
	Options
	registered pace.Pace[string] // apps, by the address that had them registered
	limits     limits
}

// New builds the door.
func New(o Options) *Handler {
	h := &Handler{Options: o, registered: pace.Pace[string]{Most: appsAnHour, Within: time.Hour}}
	h.limits.set(o.Calls)
	return h
}
