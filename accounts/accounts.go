// Package accounts keeps the people who sign in here: how they come (signup.go: they are
// nobody until their address is confirmed), their passwords, sessions and tokens, their
// profile and whom they follow. Who wants a second factor (factor.go) is half signed in
// after the password (half.go), which opens nothing.
//
// What stands in a link of a mail is made of a key and kept nowhere (ticket.go).
// Verbs that start from a member open their transaction; those that are called
// while an activity is received (Receive…, FollowAnswered) take the caller's.
package accounts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/media"
	"passerelles/notifications"
	"passerelles/storage"
)

// Member is somebody who signs in here.
type Member struct {
	ID        actors.ID
	Name      string // of the handle, @name
	Title     string // that people read, may be empty
	Email     string
	Language  string
	Admin     bool
	CreatedAt time.Time
	Told      bool // that what they publish leaves the server
	Factor    bool // a second one is asked for beside the password
	Habits         // what apps take for a new post that does not say it
}

// Options are the parts that accounts need.
type Options struct {
	DB        *storage.DB
	Directory *actors.Directory
	IRIs      federation.IRIs
	Now       func() time.Time // nil: time.Now
	Poke      func()           // called after something to deliver was committed; may be nil

	// Left is told that somebody of ours no longer follows a community elsewhere, whose
	// member they then are not either; nil: nobody is.
	Left func(ctx context.Context, tx storage.Tx, group, who actors.ID) error

	// Ended is told that whatever opens somebody's account without a password ends; nil: nobody is.
	Ended func(ctx context.Context, tx storage.Tx, who actors.ID) error

	Media   *media.Service         // nil: no pictures are taken
	Mails   *notifications.Service // nil: none are sent, and nobody signs up
	Key     []byte                 // by which links in mails are made
	Mode    Mode                   // of sign-up, until an administrator sets it; "" is Closed
	Contact string                 // of the person in charge, until that is set
}

// Service applies the rules of accounts.
type Service struct {
	db      *storage.DB
	dir     *actors.Directory
	iris    federation.IRIs
	now     func() time.Time
	poke    func()
	left    func(ctx context.Context, tx storage.Tx, group, who actors.ID) error
	ended   func(ctx context.Context, tx storage.Tx, who actors.ID) error
	media   *media.Service
	mails   *notifications.Service
	key     []byte
	mode    Mode
	contact string
	hash    chan struct{} // slots for argon2id, which takes 19 MiB each time
}

// NewService builds the service.
func NewService(o Options) *Service {
	s := &Service{db: o.DB, dir: o.Directory, iris: o.IRIs, now: o.Now, poke: o.Poke, left: o.Left, ended: o.Ended,
		media: o.Media, mails: o.Mails, key: o.Key, mode: o.Mode, contact: o.Contact, hash: make(chan struct{}, slots())}
	if s.now == nil {
		s.now = time.Now
	}
	if s.poke == nil {
		s.poke = func() {}
	}
	if s.ended == nil {
		s.ended = func(context.Context, storage.Tx, actors.ID) error { return nil }
	}
	if s.left == nil {
		s.left = func(context.Context, storage.Tx, actors.ID, actors.ID) error { return nil }
	}
	if s.mode == "" {
		s.mode = Closed
	}
	s.writeMails()
	return s
}
