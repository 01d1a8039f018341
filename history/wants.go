package history

import (
	"context"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/jobs"
	"passerelles/storage"
)

// Kinds of what is wanted.
const (
	kindOutbox     = "outbox"     // what an actor showed
	kindFeatured   = "featured"   // what a community lets stand first; as an outbox, under its actor
	kindModerators = "moderators" // who moderates a community; likewise
	kindActivity   = "activity"   // of an outbox that only gives ids
	kindPost       = "post"
	kindThread     = "thread"  // the rest of the thread of a post that is here
	kindContext    = "context" // the collection of a thread (FEP-7888)
	kindReplies    = "replies" // the collection of the answers to a post
)

// jobKind is the kind of the jobs; their key is the host.
const jobKind = "history"

// want is one thing that is wanted.
type want struct {
	ID        int64
	Host      string
	Kind      string
	IRI       string
	Community actors.ID // 0: none
	Thread    string
	Budget    int
	Again     bool
	Attempts  int
}

// want writes down what is to be asked, and has each host's job look at it. What is ours,
// or no address, is never asked.
func (s *Service) want(ctx context.Context, tx storage.Tx, all ...want) error {
	hosts := map[string]bool{}
	for _, w := range all {
		if w.Host == "" {
			w.Host = federation.Host(w.IRI)
		}
		if w.Host == "" || w.Host == s.IRIs.Host() || s.IRIs.Local(w.IRI) {
			continue
		}
		made, err := insertWant(ctx, tx, w)
		if err != nil {
			return err
		}
		if made && !hosts[w.Host] {
			hosts[w.Host] = true
			if err := jobs.Add(ctx, tx, jobKind, w.Host, nil, s.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}
