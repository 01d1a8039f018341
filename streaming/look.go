package streaming

import (
	"context"
	"time"

	"passerelles/storage"
)

const (
	lookEach  = 250 * time.Millisecond
	lookRest  = 20 * time.Millisecond // between two looks, however often it is poked
	checkEach = time.Second           // whether the tokens still hold
	beatEach  = 25 * time.Second      // each line, one after the other
	mostNews  = 2000                  // in one look; what is older is passed over, as apps that come back read the timelines anyway
	mostPosts = 50                    // that are looked up together
	keptFor   = 10 * time.Minute

	closing = "the server stops"
	refused = "the token does not hold any more"
	slow    = "too much waits to be read"
)

// Run tells what happens until ctx ends, then ends all lines and waits for them.
func (s *Service) Run(ctx context.Context) error {
	s.mu.Lock()
	s.open = true
	s.mu.Unlock()
	defer s.close()
	look, beats := time.NewTicker(lookEach), time.NewTicker(time.Second)
	defer look.Stop()
	defer beats.Stop()
	var checked time.Time
	for seconds := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-beats.C:
			seconds++
			s.beat(seconds)
			continue
		case <-look.C:
		case <-s.wake:
		}
		if s.Lines() == 0 {
			continue
		}
		if time.Since(checked) >= checkEach {
			s.report("check the tokens of streams", s.check(ctx))
			checked = time.Now()
		}
		s.report("look what happened", s.look(ctx))
		if !rest(ctx, lookRest) {
			return nil
		}
	}
}

// beat has those lines show that they are there whose turn it is.
func (s *Service) beat(second int) {
	const turns = int(beatEach / time.Second)
	for _, l := range s.all() {
		if l.number%turns == second%turns {
			l.push(beat)
		}
	}
}

func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// report logs what went wrong, unless the database is away, which others say.
func (s *Service) report(what string, err error) {
	if err != nil && !storage.Away(err) {
		s.Log.Error(what, "error", err)
	}
}

func (s *Service) close() {
	s.mu.Lock()
	s.open = false
	s.mu.Unlock()
	for _, l := range s.all() {
		l.end(closing)
	}
	s.gone.Wait()
}

// check ends the lines whose tokens do not hold any more.
func (s *Service) check(ctx context.Context) error {
	lines := s.all()
	seen := map[int64]bool{}
	var tokens []int64
	for _, l := range lines {
		if !seen[l.Token] {
			seen[l.Token] = true
			tokens = append(tokens, l.Token)
		}
	}
	holds, err := s.Holds(ctx, tokens)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if !holds[l.Token] {
			l.end(refused)
		}
	}
	return nil
}

// look tells what became visible since the last look.
func (s *Service) look(ctx context.Context) error {
	s.mu.Lock()
	since := s.since
	s.mu.Unlock()
	if since == "" {
		return nil
	}
	all, now, err := happenedSince(ctx, s.DB, since, mostNews)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.since == since {
		s.since = now
	}
	s.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	if len(all) == mostNews {
		s.Log.Warn("more happened than streams can tell", "most", mostNews)
	}
	if err := s.check(ctx); err != nil { // nobody hears what happened after their token ended
		return err
	}
	for len(all) > 0 {
		n := min(mostPosts, len(all))
		if err := s.tell(ctx, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// Sweep forgets what happened a while ago. It is for a scheduled run.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	return deleteOld(ctx, s.DB, now.Add(-keptFor))
}
