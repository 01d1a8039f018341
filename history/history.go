// Package history brings what other servers showed before anybody here listened, or
// while we were away: the posts of an outbox, the rest of a thread.
//
// What is wanted is a row for the host that is to be asked (wants.go), and one job for
// each host takes them one after the other (host.go), so that no server is asked two
// things at a time. A collection only tells which posts there are (collection.go): each
// is then asked of its own server, and believed from there alone.
package history

import (
	"context"
	"log/slog"
	"time"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// Bounds of what one thing that is wanted may lead to.
const (
	firstPosts  = 20        // of an outbox that is read for the first time
	missedPosts = 200       // of one that is read after an outage
	threadPosts = 50        // of each thread
	strangers   = 20        // posts of a collection on any one other server
	mostWanted  = 2000      // rows of one host
	mostOutages = 5000      // outboxes that are read after an outage
	restful     = time.Hour // between two readings of an outbox
)

// Options are the parts that a history is made of.
type Options struct {
	DB          *storage.DB
	Directory   *actors.Directory
	Client      *federation.Client
	Posts       *posts.Service
	Communities *communities.Service
	IRIs        federation.IRIs
	Now         func() time.Time // nil: time.Now
	Log         *slog.Logger     // nil: none
}

// Service wants and brings.
type Service struct{ Options }

// NewService builds the service.
func NewService(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{o}
}

// Sight wants what a community showed lately that somebody here has just found.
func (s *Service) Sight(ctx context.Context, a actors.Actor) error {
	if a.Kind != actors.Group || a.Local() {
		return nil
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		read, err := outboxReadAt(ctx, tx, a.ID)
		if err != nil || !read.IsZero() {
			return err
		}
		return s.wantOutbox(ctx, tx, a, firstPosts)
	})
}

// Followed wants what somebody elsewhere showed lately, whom somebody here now follows.
func (s *Service) Followed(ctx context.Context, tx storage.Tx, a actors.Actor) error {
	read, err := outboxReadAt(ctx, tx, a.ID)
	if err != nil || s.Now().Sub(read) < restful {
		return err
	}
	return s.wantOutbox(ctx, tx, a, firstPosts)
}

func (s *Service) wantOutbox(ctx context.Context, tx storage.Tx, a actors.Actor, budget int) error {
	if a.Local() || a.Outbox == "" {
		return nil
	}
	return s.want(ctx, tx, want{Kind: kindOutbox, IRI: a.IRI, Host: federation.Host(a.Outbox), Budget: budget})
}

// Parent wants a post that could not be had when its answer came.
func (s *Service) Parent(ctx context.Context, iri string) error {
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		return s.want(ctx, tx, want{Kind: kindPost, IRI: iri, Budget: threadPosts})
	})
}

// Fetch brings a post that somebody here looks for, wants the rest of its thread, and gives its id.
func (s *Service) Fetch(ctx context.Context, iri string) (id string, err error) {
	came, err := s.Posts.Bring(ctx, posts.Wanted{IRI: iri})
	if err != nil {
		return "", err
	}
	if len(came) == 0 {
		return iri, nil
	}
	return came[0].ID, s.Around(ctx, came)
}

// Around wants the rest of the thread of posts that posts.Bring has brought.
func (s *Service) Around(ctx context.Context, came []vocab.Note) error {
	if len(came) == 0 {
		return nil
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		return s.want(ctx, tx, s.rest(came[len(came)-1], threadPosts)...)
	})
}

// rest are the collections that may hold the rest of a post's thread. Some servers name
// a context that cannot be read, so its answers are asked for too.
func (s *Service) rest(n vocab.Note, budget int) []want {
	var all []want
	if n.Context != "" && n.Context != n.ID {
		all = append(all, want{Kind: kindContext, IRI: n.Context, Thread: n.Context, Budget: budget})
	}
	if federation.SameOrigin(n.Replies, n.ID) {
		all = append(all, want{Kind: kindReplies, IRI: n.Replies, Thread: n.ID, Budget: budget})
	}
	p := newPick(n.ID, budget)
	for _, id := range n.Answers {
		p.add(id)
	}
	return append(all, answers(p, n.ID, budget)...)
}
