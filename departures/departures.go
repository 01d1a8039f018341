// Package departures lets a person take along what is theirs, and go: what concerns one person
// across all owners.
//
// Export writes an archive. Leave closes the account at once and puts a job; the job has each
// owner erase, and ends in one transaction that sends Delete{Person} to every server that we
// know and leaves tombstones and nothing else.
package departures

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/jobs"
	"passerelles/media"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/posts"
	"passerelles/storage"
)

const (
	jobKind  = "departure"
	goneKind = "gone" // elsewhere
	atOnce   = 100    // posts that are erased in one transaction
)

// Options are the parts that departures need.
type Options struct {
	DB        *storage.DB
	Directory *actors.Directory
	Accounts  *accounts.Service
	Posts     *posts.Service
	Notices   *notifications.Service // nil: nobody is told anything
	// Communities pass on what somebody who goes owned alone.
	Communities *communities.Service
	Media       *media.Service // nil: nobody has files
	IRIs        federation.IRIs
	Now         func() time.Time // nil: time.Now
	Poke        func()           // called after something to deliver was committed; nil: nobody
	PokeJobs    func()           // called after a job was; nil: nobody
}

// Service erases and exports.
type Service struct{ Options }

// NewService builds the service.
func NewService(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Poke == nil {
		o.Poke = func() {}
	}
	if o.PokeJobs == nil {
		o.PokeJobs = func() {}
	}
	return &Service{o}
}

// Register has the engine erase.
func (s *Service) Register(e *jobs.Engine) {
	e.Handle(jobKind, s.erase)
	e.Handle(goneKind, s.eraseElsewhere)
	e.Handle(purgeKind, s.purge)
}

// Elsewhere has erased what somebody of another server wrote, who was deleted there.
func Elsewhere(ctx context.Context, tx storage.Tx, id actors.ID, at time.Time) error {
	return jobs.Add(ctx, tx, goneKind, strconv.FormatInt(int64(id), 10), nil, at)
}

func (s *Service) eraseElsewhere(ctx context.Context, j jobs.Job) error {
	number, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return jobs.Abandon(err)
	}
	who := actors.ID(number)
	if err := s.erasePosts(ctx, who); err != nil {
		return err
	}
	if err := s.purgePosts(ctx, who); err != nil { // of a community: what was for its members
		return err
	}
	return s.DB.Write(ctx, func(tx storage.Tx) error {
		for _, forget := range []func(context.Context, storage.Tx, actors.ID) error{
			s.Posts.ForgetReactions, access.Forget, s.Communities.Forget,
		} {
			if err := forget(ctx, tx, who); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) erasePosts(ctx context.Context, who actors.ID) (err error) {
	for left := true; left; {
		if left, err = s.Posts.EraseBy(ctx, who, atOnce); err != nil {
			return fmt.Errorf("erase what actor %d wrote: %w", who, err)
		}
	}
	return nil
}

// Leave has a member go for ever. What they own alone passes to who animates it longest; who
// alone administers the server hands it over first.
func (s *Service) Leave(ctx context.Context, id actors.ID) error {
	return s.leave(ctx, id, func(storage.Tx) error { return nil })
}

// Dismiss has an administrator end an account as Leave does.
func (s *Service) Dismiss(ctx context.Context, by acts.By, id actors.ID) error {
	return s.leave(ctx, id, func(tx storage.Tx) error {
		return acts.Record(ctx, tx, acts.Act{At: s.Now(), Kind: acts.DeleteAccount, By: by, Target: id})
	})
}

func (s *Service) leave(ctx context.Context, id actors.ID, note func(storage.Tx) error) error {
	err := s.DB.Write(ctx, func(tx storage.Tx) error {
		if err := s.mayGo(ctx, tx, id); err != nil {
			return err
		}
		if err := s.Accounts.Close(ctx, tx, id); err != nil {
			return err
		}
		if err := note(tx); err != nil {
			return err
		}
		return jobs.Add(ctx, tx, jobKind, strconv.FormatInt(int64(id), 10), nil, s.Now())
	})
	s.PokeJobs()
	return err
}

// MayGo says whether a member may go now, or what is to be done before.
func (s *Service) MayGo(ctx context.Context, id actors.ID) error { return s.mayGo(ctx, s.DB, id) }

func (s *Service) mayGo(ctx context.Context, q storage.Querier, id actors.ID) error {
	last, err := lastAdministrator(ctx, q, id)
	if err == nil && last {
		err = fault.New(fault.Conflict, "The last administrator cannot go: make somebody else one first.")
	}
	return err
}

func (s *Service) erase(ctx context.Context, j jobs.Job) error {
	number, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return jobs.Abandon(err)
	}
	return s.Erase(ctx, actors.ID(number))
}

// Erase does what Leave put off, for who does not want to wait for the job. It can be cut
// short anywhere, and begins again; done again it changes nothing.
func (s *Service) Erase(ctx context.Context, id actors.ID) error {
	who, err := s.Directory.ByID(ctx, id)
	if fault.Is(err, fault.Gone) {
		return nil
	}
	if err != nil || who.Gone {
		return err
	}
	if err := s.erasePosts(ctx, who.ID); err != nil {
		return err
	}
	if err := outbox.EraseBy(ctx, s.DB, who.ID); err != nil {
		return err
	}
	if err := s.DB.Write(ctx, func(tx storage.Tx) error { return s.end(ctx, tx, who) }); err != nil {
		return fmt.Errorf("end %s: %w", who.IRI, err)
	}
	s.Poke()
	return nil
}

// end sends the Delete, which holds nothing but an id, and leaves the name and the id.
func (s *Service) end(ctx context.Context, tx storage.Tx, who actors.Actor) error {
	if err := s.sayDelete(ctx, tx, who); err != nil {
		return err
	}
	if s.Media != nil {
		if err := s.Media.ForgetFiles(ctx, tx, who.ID); err != nil {
			return err
		}
	}
	if s.Notices != nil {
		if err := s.Notices.ForgetNotices(ctx, tx, who.ID); err != nil {
			return err
		}
	}
	for _, forget := range []func(context.Context, storage.Tx, actors.ID) error{
		s.Posts.ForgetReactions, access.Forget, s.Communities.Forget, s.Accounts.Erase, s.Directory.MarkGone,
		acts.Forget, // after: only who is gone is forgotten there
	} {
		if err := forget(ctx, tx, who.ID); err != nil {
			return err
		}
	}
	return nil
}

// sayDelete tells every server that we know: which of them hold something of a person, nobody
// can tell. Lemmy erases what they wrote only when it is told to.
func (s *Service) sayDelete(ctx context.Context, tx storage.Tx, who actors.Actor) error {
	inboxes, err := everyInbox(ctx, tx)
	if err != nil {
		return err
	}
	a := vocab.Activity{ID: s.IRIs.NewActivity(), Type: "Delete", Actor: who.IRI, Object: vocab.Link(who.IRI),
		To: []string{vocab.Public}, RemoveData: true, Published: s.Now()}
	body, err := s.Directory.Prove(ctx, tx, who.ID, a)
	if err != nil {
		return err
	}
	return outbox.Send(ctx, tx, outbox.Audience{Inboxes: inboxes}, outbox.Activity{IRI: a.ID, Type: a.Type, Object: who.IRI,
		Actor: who.ID, Body: body, Thread: int64(who.ID), Published: a.Published})
}
