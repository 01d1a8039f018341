// Package moderation holds what people and servers report to us, and what administrators
// decide about servers and people.
//
// A decision about a server is a policy of package access; what follows from it for what was
// agreed before, here (hosts.go).
package moderation

import (
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/storage"
)

// Options are the parts that moderation needs.
type Options struct {
	DB        *storage.DB
	Directory *actors.Directory
	Hosts     *access.Hosts
	Now       func() time.Time // nil: time.Now
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
	return &Service{o}
}
