package history

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/storage"
)

const (
	each  = 30 * time.Second // for one thing that is wanted
	watch = 30 * time.Second // then a host's job gives its slot to others
	lives = 5                // tries before something is wanted no more
)

// Register tells the engine who asks the hosts.
func (s *Service) Register(e *jobs.Engine) { e.Handle(jobKind, s.work) }

// work asks a host for what is wanted of it, one thing after the other.
func (s *Service) work(ctx context.Context, j jobs.Job) error {
	until, err := restsUntil(ctx, s.DB, j.Key)
	if err != nil {
		return err
	}
	if s.Now().Before(until) { // something new is wanted, which wakes the job but not the host
		return jobs.Add(ctx, s.DB, jobKind, j.Key, nil, until)
	}
	for began := time.Now(); ; {
		w, found, err := nextWant(ctx, s.DB, j.Key)
		if err != nil || !found {
			return err
		}
		rest, err := s.serve(ctx, w)
		if err != nil {
			return err
		}
		if rest > 0 || time.Since(began) > watch {
			return s.leave(ctx, j.Key, rest)
		}
	}
}

// leave has the job of a host run again, after its rest if it needs one.
func (s *Service) leave(ctx context.Context, host string, rest time.Duration) error {
	until := s.Now().Add(rest)
	if rest > 0 {
		if err := setRest(ctx, s.DB, host, until, s.Now()); err != nil {
			return err
		}
	}
	return jobs.Add(ctx, s.DB, jobKind, host, nil, until)
}

// serve asks for one thing. What cannot be had now is left for later, after a rest of the
// whole host, as long as it asks; what cannot be had at all, say for being private, is
// wanted no more.
func (s *Service) serve(ctx context.Context, w want) (rest time.Duration, err error) {
	asking, cancel := context.WithTimeout(ctx, each)
	defer cancel()
	err = s.bring(asking, w)
	switch {
	case ctx.Err() != nil, storage.Away(err) && s.DB.Ping(ctx) != nil:
		return 0, err
	case err == nil:
		return 0, deleteWant(ctx, s.DB, w)
	case !passing(err, asking) || w.Attempts+1 >= lives:
		s.Log.Debug("history: wanted no more", "kind", w.Kind, "iri", w.IRI, "error", err)
		return 0, deleteWant(ctx, s.DB, w)
	}
	return backoff(w.Attempts, fault.After(err)), postponeWant(ctx, s.DB, w)
}

// passing says whether it may be otherwise later.
func passing(err error, asking context.Context) bool {
	return asking.Err() != nil || fault.Is(err, fault.Unavailable) || fault.Is(err, fault.TooMany) || fault.Is(err, fault.Internal)
}

// backoff is 10 seconds, four times longer each time, half of it by chance; longer if the host said so.
func backoff(attempts int, asked time.Duration) time.Duration {
	whole := 10 * time.Second << min(2*attempts, 10)
	return max(whole/2+rand.N(whole/2), min(asked, 6*time.Hour))
}

// bring asks for one thing and writes down what that leads to.
func (s *Service) bring(ctx context.Context, w want) error {
	switch w.Kind {
	case kindOutbox:
		return s.outbox(ctx, w)
	case kindFeatured:
		return s.featured(ctx, w)
	case kindModerators:
		return s.moderators(ctx, w)
	case kindActivity:
		return s.activity(ctx, w)
	case kindPost:
		return s.post(ctx, w)
	case kindThread:
		return s.thread(ctx, w)
	case kindContext, kindReplies:
		return s.collection(ctx, w)
	}
	return fault.New(fault.Invalid, fmt.Sprintf("nobody brings a %q", w.Kind))
}
