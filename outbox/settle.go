package outbox

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"passerelles/storage"
)

// goneAgain is how long after a 410 an inbox is asked again: an hour, decided,
// and some minutes so that it is surely past.
const goneAgain = 62 * time.Minute

// settle does what is rarer than a delivery, in a transaction that holds the
// lane: whoever lost it changes nothing.
func (d *drain) settle(ctx context.Context, do func(ctx context.Context, tx storage.Tx, now time.Time) error) error {
	if len(d.done) > 0 {
		if _, err := d.save(progress{keep: true}); err != nil {
			return err
		}
	}
	d.settles <- struct{}{}
	defer func() { <-d.settles }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return d.db.WriteSoft(ctx, func(tx storage.Tx) error {
		if _, _, err := lockFailures(ctx, tx, d.Host, d.now()); err != nil { // hosts before lanes, always
			return err
		}
		if err := d.hold(ctx, tx); err != nil {
			return err
		}
		return do(ctx, tx, d.now())
	})
}

func (d *drain) hold(ctx context.Context, tx storage.Tx) error {
	ours, err := holdLanes(ctx, tx, []int64{d.Host}, []int16{d.Number}, []int64{d.lease})
	if err == nil && !ours[d.laneName] {
		return errLost
	}
	return err
}

// release frees the lane at the end of a settling transaction.
func (d *drain) release(ctx context.Context, tx storage.Tx, now time.Time) error {
	return extendLanes(ctx, tx, []int64{d.Host}, []int16{d.Number}, []time.Time{now}, []time.Time{now})
}

// giveUp makes a dead letter of one row; the lane goes on.
func (d *drain) giveUp(ctx context.Context, row delivery, reason string) error {
	return d.settle(ctx, func(ctx context.Context, tx storage.Tx, now time.Time) error {
		_, err := bury(ctx, tx, thisRow, row, reason, now)
		return err
	})
}

// giveUpHost makes dead letters of all rows of a suspended host.
func (d *drain) giveUpHost(ctx context.Context) error {
	return d.settle(ctx, func(ctx context.Context, tx storage.Tx, now time.Time) error {
		n, err := bury(ctx, tx, rowsOfHost, delivery{Host: d.Host}, "this server is suspended", now)
		if err != nil {
			return err
		}
		d.log.Info("deliveries to a suspended server are given up", "host", d.Host, "rows", n)
		return d.release(ctx, tx, now)
	})
}

// noteAlive notes an answer where that is news: the first ever, the first after
// failures, a change of pace or of signature. A host that became slow leaves the quick queue.
func (d *drain) noteAlive(ctx context.Context, o outcome) (goOn bool, err error) {
	slow := o.took >= slowFrom
	if d.Answered && !d.failing() && slow == d.Slow && (o.scheme == "" || o.scheme == d.Scheme) {
		return true, nil
	}
	recovered, slower := d.failing(), slow && !d.Slow
	err = d.settle(ctx, func(ctx context.Context, tx storage.Tx, now time.Time) error {
		if err := noteAnswer(ctx, tx, d.Host, slow, o.scheme, now); err != nil {
			return err
		}
		if recovered {
			if err := freeRows(ctx, tx, d.Host); err != nil {
				return err
			}
		}
		if slower {
			return d.release(ctx, tx, now)
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	if recovered {
		d.log.Info("a server answers again", "host", d.Host)
	}
	d.Answered, d.Failures, d.Slow, d.Scheme = true, 0, slow, cmp.Or(o.scheme, d.Scheme)
	return !slower, nil
}

// noteGone obeys a 410: the second, an hour after the first, ends the inbox.
func (d *drain) noteGone(ctx context.Context, row delivery, o outcome) (goOn bool, err error) {
	var ended bool
	err = d.settle(ctx, func(ctx context.Context, tx storage.Tx, now time.Time) (err error) {
		if ended, err = d.directory.EndInbox(ctx, tx, row.Inbox, now); err != nil {
			return fmt.Errorf("end inbox %d: %w", row.Inbox, err)
		}
		if !ended {
			until := now.Add(goneAgain + rand.N(8*time.Minute))
			return strike(ctx, tx, row, &until)
		}
		n, err := bury(ctx, tx, rowsOfInbox, row, "this inbox is no more: "+o.reason, now)
		d.log.Info("an inbox is no more", "inbox", row.URL, "rows", n)
		return err
	})
	if err != nil {
		return false, err
	}
	d.forget(func(r delivery) bool { return r.Inbox == row.Inbox && (ended || r.Slot == row.Slot) })
	return d.noteAlive(ctx, o)
}

// forget drops rows in hand that must wait or are no more.
func (d *drain) forget(which func(delivery) bool) { d.rows = slices.DeleteFunc(d.rows, which) }

// noteFailure lets the host rest; or, when this row failed often while its host
// may well be in health, lets the row wait and goes on with the others.
func (d *drain) noteFailure(ctx context.Context, row delivery, l letter, o outcome) (goOn bool, err error) {
	blamed := o.strikes > 0 && row.Attempts+1 >= o.strikes
	tooOld := d.now().Sub(l.published) >= o.keeps && o.keeps > 0
	err = d.settle(ctx, func(ctx context.Context, tx storage.Tx, now time.Time) error {
		if err := d.fail(ctx, tx, row, o, now, blamed, tooOld); err != nil {
			return err
		}
		if blamed {
			return nil
		}
		if err := d.restNow(ctx, tx, o, now); err != nil {
			return err
		}
		return d.release(ctx, tx, now)
	})
	if err != nil {
		return false, err
	}
	if !blamed {
		return false, nil
	}
	d.forget(func(r delivery) bool { return r.Inbox == row.Inbox && r.Slot == row.Slot }) // they wait with it
	return true, nil
}

// fail counts the failure of a row, or ends the row if it was tried long enough.
func (d *drain) fail(ctx context.Context, tx storage.Tx, row delivery, o outcome, now time.Time, blamed, tooOld bool) error {
	if tooOld {
		if _, err := bury(ctx, tx, thisRow, row, o.reason, now); err != nil {
			return err
		}
		n, err := burySteps(ctx, tx, row, "too old, and its server does not answer: "+o.reason, now)
		d.log.Warn("deliveries are given up", "inbox", row.URL, "rows", n+1, "reason", o.reason)
		return err
	}
	if !blamed {
		return strike(ctx, tx, row, nil)
	}
	until := now.Add(restAfter(row.Attempts + 1))
	return strike(ctx, tx, row, &until)
}

// burySteps gives up what is too old for a host, some thousands at a time, and
// leaves what would take too long to the next failure.
func burySteps(ctx context.Context, tx storage.Tx, row delivery, reason string, now time.Time) (all int64, err error) {
	for range 20 {
		n, err := bury(ctx, tx, rowsTooOld, row, reason, now)
		all += n
		if n < buriedAtOnce || err != nil {
			return all, err
		}
	}
	return all, nil
}

func (d *drain) restNow(ctx context.Context, tx storage.Tx, o outcome, now time.Time) error {
	failures, resting, err := lockFailures(ctx, tx, d.Host, now)
	if err != nil || resting { // another lane said so already
		return err
	}
	r := hostRest{Failures: failures + 1, Asked: o.after > 0, Slow: o.took >= slowFrom, Error: o.reason}
	r.Until = now.Add(o.after)
	if !r.Asked {
		r.Until = now.Add(restAfter(r.Failures))
	}
	d.log.Debug("a server rests", "host", d.Host, "until", r.Until, "failures", r.Failures, "reason", o.reason)
	return restHost(ctx, tx, d.Host, r, now)
}

// moreLanes doubles the lanes of the host and frees this one, if no other lane
// is at work: whoever takes a lane shares the host's row, so that no row belongs
// to two lanes at once.
func (d *drain) moreLanes(ctx context.Context) error {
	return d.settle(ctx, func(ctx context.Context, tx storage.Tx, now time.Time) error {
		busy, err := otherLanes(ctx, tx, d.laneName, now)
		if err != nil {
			return err
		}
		if !busy {
			if err := setLanes(ctx, tx, d.Host, d.Lanes*2); err != nil {
				return err
			}
		}
		return d.release(ctx, tx, now)
	})
}

// fewerLanes gives a host that has caught up one lane again. This lane is freed
// before.
func (d *drain) fewerLanes(ctx context.Context) error {
	if d.Lanes == 1 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if n, err := backlog(ctx, d.db, d.Host, 1); n > 0 || err != nil {
		return err
	}
	return d.db.Write(ctx, func(tx storage.Tx) error {
		now := d.now()
		if _, _, err := lockFailures(ctx, tx, d.Host, now); err != nil {
			return err
		}
		busy, err := otherLanes(ctx, tx, laneName{d.Host, -1}, now)
		if busy || err != nil {
			return err
		}
		return setLanes(ctx, tx, d.Host, 1)
	})
}
