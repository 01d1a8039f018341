package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"passerelles/fault"
	"passerelles/federation"
)

const (
	mostRows     = 200              // a bell answered
	longestDrain = 20 * time.Second // so that nobody keeps a slot
	recordRows   = 25               // delivered rows that a crash may send twice
	recordAfter  = time.Second
	storeTimeout = 15 * time.Second
	emptyQuiet   = time.Second // a lane found empty is not looked at again sooner
	patientTries = 10          // of a record, a second apart, while the database is away
	growFrom     = 1000        // rows left behind that call for more lanes
	maxLanes     = 8
	refusalLasts = 7 * 24 * time.Hour // of Ed25519, by a host that says that it verifies it
)

// errLost says that the lane is in other hands.
var errLost = errors.New("the lease is lost")

// drain is one bell answered: it works down a lane in order.
type drain struct {
	*Courier
	lane
	start    time.Time
	recorded time.Time
	done     []delivery // delivered, not recorded
	sent     int
	seats    map[seat]seen
}

// answer drains a lane: at most 200 rows or 20 s. When ctx ends, or deliveries
// are paused, it finishes the row in hand, records and frees the lane.
func (c *Courier) answer(ctx context.Context, key string) error {
	name, err := parseLane(key)
	if err != nil {
		return err
	}
	if paused, err := c.paused(ctx); paused || err != nil {
		return err // rung before the pause: it is rung for again after
	}
	l, err := c.take(name)
	if err != nil {
		return fmt.Errorf("take lane %s: %w", key, err)
	}
	if l.lease == 0 {
		return nil // taken, or resting: the bell is stale
	}
	now := c.now()
	d := &drain{Courier: c, lane: l, start: now, recorded: now}
	err = d.run(ctx)
	if errors.Is(err, errLost) {
		c.log.Warn("a lane was lost while it was drained", "lane", key)
		return nil
	}
	if err != nil {
		return fmt.Errorf("drain lane %s: %w", key, err)
	}
	return nil
}

func (d *drain) run(ctx context.Context) error {
	if len(d.rows) == 0 {
		return d.rest(ctx)
	}
	if stop, err := d.suspended(ctx); stop || err != nil {
		return err
	}
	for len(d.rows) > 0 {
		row := d.rows[0]
		d.rows = d.rows[1:]
		goOn, err := d.deliver(ctx, row)
		if err != nil || !goOn {
			return err
		}
		paused, _ := d.paused(ctx) // known since the bell was answered: no error
		if paused || ctx.Err() != nil {
			return d.free()
		}
		if d.late() {
			return d.leave(ctx)
		}
		if err := d.record(); err != nil {
			return err
		}
	}
	return d.finish(ctx)
}

func (d *drain) late() bool { return d.now().Sub(d.start) >= longestDrain }

// deliver tries one row; goOn says whether the lane is still ours to drain.
func (d *drain) deliver(ctx context.Context, row delivery) (goOn bool, err error) {
	if row.Gone {
		return true, d.giveUp(ctx, row, "this inbox is no more")
	}
	d.sent++
	l, err := d.letter(ctx, row.Activity)
	if fault.Is(err, fault.NotFound) {
		return true, d.giveUp(ctx, row, "its activity is not kept any more")
	}
	if errors.Is(err, errDamaged) {
		d.log.Error("an activity is not sent", "activity", row.Activity, "error", err)
		return true, d.giveUp(ctx, row, err.Error())
	}
	if err != nil {
		return false, errors.Join(err, d.free())
	}
	if l.void(row.Host) { // its end follows
		d.done = append(d.done, row)
		return true, nil
	}
	entitled, err := d.entitled(ctx, row, l)
	if err != nil {
		return false, errors.Join(err, d.free())
	}
	if !entitled {
		d.done = append(d.done, row)
		return true, nil
	}
	o := d.post(ctx, row, l)
	d.counted(o.verdict.String())
	switch o.verdict {
	case delivered:
		return d.noteDelivered(ctx, row, o)
	case refused:
		if err := d.giveUp(ctx, row, o.reason); err != nil {
			return false, err
		}
		return d.noteAlive(ctx, o)
	case gone:
		return d.noteGone(ctx, row, o)
	case unsent:
		return false, d.free()
	}
	return d.noteFailure(ctx, row, l, o)
}

// post lets the post in hand end even when ctx does: it takes ten seconds at most.
func (d *drain) post(ctx context.Context, row delivery, l letter) outcome {
	ctx = context.WithoutCancel(ctx)
	key, err := d.directory.Key(ctx, l.actor)
	if err != nil {
		if fault.Is(err, fault.Unavailable) {
			return outcome{verdict: unsent, reason: err.Error()}
		}
		return outcome{verdict: refused, reason: "no key to sign with: " + err.Error()}
	}
	if d.Ed25519 {
		if o, taken := d.knockLightly(ctx, row.URL, l, key); taken {
			return o
		}
	}
	return d.knock(ctx, row.URL, l, key)
}

// knockLightly posts to a host that says that it verifies Ed25519, which costs us a
// twentieth of RSA. Where that may be why it refused, it is signed as for anybody; if
// that is better taken, and after any 401, the host's word is forgotten for a while.
func (d *drain) knockLightly(ctx context.Context, inbox string, l letter, main federation.PrivateKey) (o outcome, taken bool) {
	key, err := d.directory.ProofKey(ctx, d.db, l.actor)
	if err != nil {
		d.log.Warn("there is no Ed25519 key", "actor", l.actor, "error", err)
		return o, false
	}
	answer, err := d.client.PostBody(ctx, federation.RFC9421, inbox, l.body, key)
	if err != nil || !notUnderstood(answer.Status) {
		return judge(answer, err), true
	}
	o = d.knock(ctx, inbox, l, main)
	if answer.Status == http.StatusUnauthorized || o.verdict == delivered {
		d.Ed25519 = false
		if err := refuseEd25519(ctx, d.db, d.Host, d.now()); err != nil {
			d.log.Warn("note that a host refuses Ed25519", "host", d.Host, "error", err)
		}
	}
	return o, true
}

// knock posts, and once more under the other signature where that may be why the host
// refused. If it does not take that either, its first answer counts.
func (d *drain) knock(ctx context.Context, inbox string, l letter, key federation.PrivateKey) outcome {
	scheme := cmp.Or(d.Scheme, federation.Cavage)
	answer, err := d.client.PostBody(ctx, scheme, inbox, l.body, key)
	o := judge(answer, err).taken(scheme)
	again := err == nil && notUnderstood(answer.Status) && (d.Scheme == "" || answer.Status == http.StatusUnauthorized)
	if !again {
		return o
	}
	scheme = scheme.Other()
	answer, err = d.client.PostBody(ctx, scheme, inbox, l.body, key)
	if err != nil || notUnderstood(answer.Status) {
		return o
	}
	return judge(answer, nil).taken(scheme)
}

func (d *drain) noteDelivered(ctx context.Context, row delivery, o outcome) (goOn bool, err error) {
	d.done = append(d.done, row)
	if row.Doubted {
		if err := d.directory.ReviveInbox(ctx, d.db, row.Inbox); err != nil {
			return false, errors.Join(err, d.free())
		}
	}
	return d.noteAlive(ctx, o)
}

// record says what is delivered, now and then, and keeps the lease.
func (d *drain) record() error {
	now := d.now()
	pressing := d.until.Sub(now) < leaseMargin
	if len(d.rows) == 0 || !pressing && len(d.done) < recordRows && (len(d.done) == 0 || now.Sub(d.recorded) < recordAfter) {
		return nil
	}
	_, err := d.save(progress{keep: true})
	return err
}

// finish records, and looks once more as long as this bell may go on.
func (d *drain) finish(ctx context.Context) error {
	if d.sent >= mostRows {
		return d.leave(ctx)
	}
	saved, err := d.save(progress{more: d.appetite(mostRows - d.sent)})
	if err != nil {
		return err
	}
	if len(saved.rows) == 0 {
		return d.fewerLanes(ctx)
	}
	d.rows = saved.rows
	return d.run(ctx)
}

// leave frees a lane that has more rows than one bell may drain; a host that
// is far behind gets more lanes.
func (d *drain) leave(ctx context.Context) error {
	if d.Lanes < maxLanes && !d.Slow && !d.failing() && ctx.Err() == nil {
		n, err := backlog(ctx, d.db, d.Host, growFrom+len(d.done))
		if err == nil && n >= growFrom+len(d.done) {
			return d.moreLanes(ctx)
		}
	}
	err := d.free()
	d.poke()
	return err
}

// rest frees a lane that has nothing to do now, for a moment at least.
func (d *drain) rest(ctx context.Context) error {
	if _, err := d.save(progress{quiet: d.now().Add(emptyQuiet)}); err != nil {
		return err
	}
	return d.fewerLanes(ctx)
}

func (d *drain) free() error {
	_, err := d.save(progress{})
	return err
}

func (d *drain) save(p progress) (progressed, error) {
	p.laneName, p.lease, p.lanes, p.until, p.done = d.laneName, d.lease, d.Lanes, d.until, d.done
	saved, err := d.saves.Ask(context.Background(), p)
	for tries := 0; fault.Is(err, fault.Unavailable) && tries < patientTries && d.now().Before(d.until); tries++ {
		time.Sleep(time.Second) // PostgreSQL restarts; the lease still holds, and so does our memory
		saved, err = d.saves.Ask(context.Background(), p)
	}
	if err != nil {
		return saved, err // what is delivered is sent again, to peers that know it
	}
	if !saved.ours {
		return saved, errLost
	}
	d.done, d.until, d.recorded = nil, saved.until, d.now()
	return saved, nil
}

// suspended gives up all that waits for a host to which we do not speak.
func (d *drain) suspended(ctx context.Context) (bool, error) {
	if d.hosts == nil {
		return false, nil
	}
	allowed, err := d.hosts.Allowed(ctx, federation.Host(d.rows[0].URL))
	if err != nil {
		return true, errors.Join(err, d.free())
	}
	if allowed {
		return false, nil
	}
	return true, d.giveUpHost(ctx)
}
