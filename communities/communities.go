// Package communities holds the rules of communities: who animates them, who may
// publish in them, who follows them, and how a community tells its followers
// what it let in (Announce, FEP-1b12).
package communities

import (
	"time"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/notifications"
	"passerelles/pace"
	"passerelles/storage"
)

// Community is a Group of ours.
type Community struct {
	Actor     actors.Actor
	Access    actors.Access
	Language  string
	Zone      string // IANA
	CreatedAt time.Time
	Archived  *time.Time // since when it is only read; nil: it is not
	Followers int        // only from ByName, ByID and List
	Posts     int        // likewise: thread starters; of an open one those that everybody sees, of others what their members see
}

// Options are the parts that communities need.
type Options struct {
	DB        *storage.DB
	Directory *actors.Directory
	IRIs      federation.IRIs
	Now       func() time.Time       // nil: time.Now
	Poke      func()                 // called after something to deliver was committed; may be nil
	Notices   *notifications.Service // nil: nobody is told
}

// Service applies the rules of communities.
type Service struct {
	db   *storage.DB
	dir  *actors.Directory
	iris federation.IRIs
	now  func() time.Time
	poke func()

	notices *notifications.Service
	comings *pace.Pace[coming]
}

// NewService builds the service.
func NewService(o Options) *Service {
	s := &Service{db: o.DB, dir: o.Directory, iris: o.IRIs, now: o.Now, poke: o.Poke, notices: o.Notices, comings: newComings()}
	if s.now == nil {
		s.now = time.Now
	}
	if s.poke == nil {
		s.poke = func() {}
	}
	return s
}
