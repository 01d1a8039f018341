package posts

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/jobs"
	"passerelles/notifications"
	"passerelles/storage"
)

// Bounds of posts for later.
const (
	SoonestLater  = 5 * time.Minute
	mostScheduled = 300 // of one person
	mostScheduDay = 25  // of these for one day

	scheduleKind = "scheduled" // of the job that publishes one
	refusedStays = 30 * 24 * time.Hour
)

var errNotScheduled = fault.New(fault.NotFound, "This post is not scheduled.")

// Scheduled is a post that is published later.
type Scheduled struct {
	ID      int64
	Who     actors.ID
	Draft   Draft
	At      time.Time
	Refused string // why it was not, when its time came; "": it waits
}

// Schedule keeps what a member wrote, to be published at a time: then the rules are asked again.
func (s *Service) Schedule(ctx context.Context, who actors.ID, d Draft, at time.Time) (Scheduled, error) {
	d, err := d.check(false)
	if err == nil {
		err = s.farEnough(at)
	}
	if err != nil {
		return Scheduled{}, err
	}
	p := Scheduled{ID: storage.NewID(s.now()), Who: who, At: at.UTC()}
	key := d.Key
	if before, err := s.scheduledWith(ctx, who, key); err != nil || before.ID != 0 {
		return before, err
	}
	d.Key = ""
	p.Draft = d
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.takeKey(ctx, tx, who, key, p.ID); err != nil {
			return err
		}
		return s.schedule(ctx, tx, p)
	})
	if errors.Is(err, errTwice) {
		return s.scheduledWith(ctx, who, key)
	}
	return p, err
}

func (s *Service) farEnough(at time.Time) error {
	if at.Before(s.now().Add(SoonestLater)) {
		return fault.New(fault.Invalid, "A post for later is published in five minutes at the soonest.")
	}
	return nil
}

// scheduledWith gives what was scheduled with a key; the zero Scheduled for nothing.
func (s *Service) scheduledWith(ctx context.Context, who actors.ID, key string) (Scheduled, error) {
	if key == "" {
		return Scheduled{}, nil
	}
	made, err := madeWith(ctx, s.db, who, sumOfKey(key), s.now().Add(-keysStay))
	if err != nil || made == 0 {
		return Scheduled{}, err
	}
	return s.ScheduledBy(ctx, who, made)
}

func (s *Service) schedule(ctx context.Context, tx storage.Tx, p Scheduled) error {
	all, day, err := countScheduled(ctx, tx, p.Who, p.At)
	if err != nil {
		return err
	}
	if all >= mostScheduled || day >= mostScheduDay {
		return fault.New(fault.Invalid, "You have scheduled as many posts as one may: 25 for a day, 300 in all.")
	}
	if err := s.keepFiles(ctx, tx, p, p.At); err != nil {
		return err
	}
	draft, err := json.Marshal(p.Draft)
	if err != nil {
		return err
	}
	if err := insertScheduled(ctx, tx, p, draft); err != nil {
		return err
	}
	return jobs.Add(ctx, tx, scheduleKind, keyOf(p.ID), nil, p.At)
}

// keepFiles has the files of a post for later wait for it.
func (s *Service) keepFiles(ctx context.Context, tx storage.Tx, p Scheduled, until time.Time) error {
	if len(p.Draft.Files) == 0 {
		return nil
	}
	if s.media == nil {
		return fault.New(fault.Unavailable, "Files cannot be kept now.")
	}
	var ids []int64
	for _, a := range p.Draft.Files {
		ids = append(ids, a.ID)
	}
	return s.media.KeepUntil(ctx, tx, p.Who, ids, until)
}

// ScheduledFor gives all that somebody wrote for later and is not published, the latest written first.
func (s *Service) ScheduledFor(ctx context.Context, who actors.ID) ([]Scheduled, error) {
	return scheduledWhere(ctx, s.db, "who = $1 ORDER BY id DESC", who)
}

// ScheduledBy gives one of them.
func (s *Service) ScheduledBy(ctx context.Context, who actors.ID, id int64) (Scheduled, error) {
	all, err := scheduledWhere(ctx, s.db, "who = $1 AND id = $2", who, id)
	if err == nil && len(all) == 0 {
		err = errNotScheduled
	}
	if err != nil {
		return Scheduled{}, err
	}
	return all[0], nil
}

// Reschedule gives it another time.
func (s *Service) Reschedule(ctx context.Context, who actors.ID, id int64, at time.Time) (Scheduled, error) {
	p, err := s.ScheduledBy(ctx, who, id)
	if err == nil {
		err = s.farEnough(at)
	}
	if err != nil {
		return p, err
	}
	p.At, p.Refused = at.UTC(), ""
	return p, s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.keepFiles(ctx, tx, p, p.At); err != nil {
			return err
		}
		if found, err := updateScheduled(ctx, tx, p); err != nil || !found {
			return whichever(err, errNotScheduled)
		}
		return jobs.Add(ctx, tx, scheduleKind, keyOf(p.ID), nil, p.At)
	})
}

// Unschedule takes it back.
func (s *Service) Unschedule(ctx context.Context, who actors.ID, id int64) error {
	p, err := s.ScheduledBy(ctx, who, id)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if found, err := deleteScheduled(ctx, tx, id); err != nil || !found {
			return whichever(err, errNotScheduled)
		}
		err := s.keepFiles(ctx, tx, p, s.now())
		if fault.Is(err, fault.NotFound) { // they hang elsewhere
			return nil
		}
		return err
	})
}

// publishScheduled publishes what has its time. Its id is its key, so that it is published once even if this
// process ends before it is taken off the list. What is refused stays on the list, and its author is told.
func (s *Service) publishScheduled(ctx context.Context, j jobs.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return jobs.Abandon(err)
	}
	all, err := scheduledWhere(ctx, s.db, "id = $1 AND refused = ''", id)
	if err != nil || len(all) == 0 {
		return err
	}
	p, now := all[0], s.now()
	suspended, err := isSuspended(ctx, s.db, p.Who)
	if err != nil {
		return err
	}
	if suspended || p.At.After(now) {
		due := p.At
		if suspended {
			due = now.Add(time.Hour)
		}
		return s.db.Write(ctx, func(tx storage.Tx) error { return jobs.Add(ctx, tx, scheduleKind, j.Key, nil, due) })
	}
	p.Draft.Key = "scheduled " + j.Key
	_, refusal := s.Publish(ctx, p.Who, p.Draft)
	switch fault.KindOf(refusal) {
	case fault.TooMany, fault.Unavailable:
		return refusal // later
	case fault.Internal:
		if refusal != nil {
			return refusal
		}
	}
	return s.db.Write(ctx, func(tx storage.Tx) error {
		if refusal == nil {
			_, err := deleteScheduled(ctx, tx, id)
			return err
		}
		return s.refuseScheduled(ctx, tx, p, fault.Message(refusal))
	})
}

func (s *Service) refuseScheduled(ctx context.Context, tx storage.Tx, p Scheduled, why string) error {
	p.Refused = why
	if _, err := updateScheduled(ctx, tx, p); err != nil {
		return err
	}
	if err := s.keepFiles(ctx, tx, p, s.now().Add(refusedStays)); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return s.notices.Tell(ctx, tx, notifications.Notice{Kind: notifications.Unsent, Ref: p.ID}, p.Who)
}
