// Package web is the site: pages for people, from templates, that need no script.
package web

import (
	"log/slog"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/timelines"
)

// Options are the parts that the site is made of.
type Options struct {
	DB          *storage.DB
	Accounts    *accounts.Service
	Communities *communities.Service
	Posts       *posts.Service
	Timelines   *timelines.Service
	Directory   *actors.Directory

	Origin   string // scheme://host[:port]
	Name     string // of this server, as people read it
	Contact  string // e-mail of the person in charge
	Language string // for those who did not choose
	Secure   bool   // the origin is https
	Now      func() time.Time
	Log      *slog.Logger
}

// Handler answers browsers.
type Handler struct{ Options }

// New makes the site.
func New(o Options) (*Handler, error) { return &Handler{Options: o}, nil }
