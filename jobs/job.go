package jobs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"passerelles/storage"
)

const (
	jobLease    = 60 * time.Second
	markLasts   = 5 * time.Second
	maxAttempts = 20
	maxAge      = 14 * 24 * time.Hour
	longestRest = 6 * time.Hour
)

// Job is work for later that has no table of its own.
type Job struct {
	ID       int64
	Kind     string
	Key      string
	Payload  []byte
	Attempts int // before this one

	lease    int64
	asks     int
	firstDue time.Time
	deaths   int
}

// Add puts a job in the caller's transaction; Poke("job") after the commit
// makes it start sooner. One job waits per kind and key: added again it keeps
// the earlier due time, and one that runs meanwhile runs once more.
func Add(ctx context.Context, tx storage.Querier, kind, key string, payload []byte, due time.Time) error {
	if err := insertJob(ctx, tx, kind, key, payload, due); err != nil {
		return fmt.Errorf("add job %s %s: %w", kind, key, err)
	}
	return nil
}

// Handle says who does the jobs of a kind, before the engine runs. After an
// error the job is tried again later, 20 times and 14 days at most.
func (e *Engine) Handle(kind string, do func(ctx context.Context, j Job) error) {
	e.handlers[kind] = do
}

// Abandon makes an error after which a job is not tried again.
func Abandon(err error) error { return &abandoned{err} }

// Abandoned says whether an error is one of those.
func Abandoned(err error) bool {
	var never *abandoned
	return errors.As(err, &never)
}

type abandoned struct{ err error }

func (a *abandoned) Error() string { return a.err.Error() }
func (a *abandoned) Unwrap() error { return a.err }

func (e *Engine) dueJobs(ctx context.Context, now time.Time) ([]Bell, error) {
	due, err := markDueJobs(ctx, e.db, e.kinds(), now, now.Add(markLasts))
	if err != nil {
		return nil, fmt.Errorf("look for jobs: %w", err)
	}
	bells := make([]Bell, len(due))
	for i, d := range due {
		bells[i] = Bell{Queue: Low, Key: strconv.FormatInt(d.ID, 10), Turn: strconv.FormatInt(d.Lease, 10)}
	}
	return bells, nil
}

// DoDue does here and now the jobs that are due, without a bell: for who awaits them.
func (e *Engine) DoDue(ctx context.Context) error {
	for {
		bells, err := e.dueJobs(ctx, e.now())
		if err != nil || len(bells) == 0 {
			return err
		}
		for _, b := range bells {
			if err := e.answerJob(ctx, b.Key); err != nil {
				return err
			}
		}
	}
}

// kinds are those of the jobs that this program does.
func (e *Engine) kinds() []string { return slices.Sorted(maps.Keys(e.handlers)) }

func (e *Engine) answerJob(ctx context.Context, key string) error {
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return fmt.Errorf("read the number of a job: %w", err)
	}
	now := e.now()
	alone, leave := e.solitude.Enter()
	defer leave()
	job, ok, err := takeJob(ctx, e.db, id, alone, e.kinds(), now, now.Add(jobLease))
	if err != nil || !ok { // done already, in other hands, or of a kind for others
		return err
	}
	if job.deaths < Suspect {
		leave()
	}
	if job.deaths >= MostDeaths {
		return e.conclude(ctx, job, Abandon(fmt.Errorf("whoever did it died, %d times", job.deaths)))
	}
	err = e.do(ctx, job)
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return e.conclude(saving, job, err)
}

// do runs a job and keeps its lease for as long as it takes.
func (e *Engine) do(ctx context.Context, job Job) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		for sleep(ctx, jobLease/3) {
			if ok, err := keepJob(ctx, e.db, job, e.now().Add(jobLease)); err == nil && !ok {
				cancel() // it is in other hands
			}
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		cancel()
		<-kept
	}()
	return e.handlers[job.Kind](ctx, job)
}

// conclude writes what came of a job: gone, waiting, or dead.
func (e *Engine) conclude(ctx context.Context, job Job, err error) error {
	if err == nil {
		return endJob(ctx, e.db, job)
	}
	now := e.now()
	if Abandoned(err) || job.Attempts+1 >= maxAttempts || now.Sub(job.firstDue) > maxAge {
		e.log.Error("a job is given up", "kind", job.Kind, "key", job.Key, "error", err)
		return buryJob(ctx, e.db, job, now, err.Error())
	}
	e.log.Warn("a job will be tried again", "kind", job.Kind, "key", job.Key, "error", err)
	return postponeJob(ctx, e.db, job, now.Add(rest(job.Attempts)), err.Error())
}

// rest is between the half and the whole of a time that doubles from 10 s to 6 h.
func rest(attempts int) time.Duration {
	whole := min(10*time.Second<<min(attempts, 12), longestRest)
	return whole/2 + rand.N(whole/2)
}
