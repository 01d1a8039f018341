// Package moderation holds what people and servers report to us, and what administrators
// decide about servers and people.
//
// A decision about a server is a policy of package access; what follows from it for what was
// agreed before, here (hosts.go). A report (report.go) waits for those who animate a
// community or administer the server until they settle it (settle.go).
package moderation

import (
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/notifications"
	"passerelles/posts"
	"passerelles/storage"
)

// Options are the parts that moderation needs.
type Options struct {
	DB          *storage.DB
	Directory   *actors.Directory
	Hosts       *access.Hosts
	Communities *communities.Service
	Posts       *posts.Service
	IRIs        federation.IRIs
	Now         func() time.Time       // nil: time.Now
	Poke        func()                 // called after something to deliver was committed; may be nil
	Notices     *notifications.Service // nil: nobody is told
}

// Service applies the rules of moderation.
type Service struct {
	Options
}

// NewService builds the service.
func NewService(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poke == nil {
		o.Poke = func() {}
	}
	return &Service{o}
}
