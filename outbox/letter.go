package outbox

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"

	"passerelles/actors"
	"passerelles/federation"
)

// letter is an activity as it leaves.
type letter struct {
	actor     actors.ID
	body      federation.Body
	size      int
	published time.Time
	taken     bool   // its post was taken away by its community
	keeper    *int64 // the host of that community, which alone may go on hearing of it
	circle    circle // for whom alone it is
	read      time.Time
}

// circle is the members of a community, those who animate it, or one of them. The zero circle is everybody.
type circle struct {
	of        actors.ID
	animators bool
	only      actors.ID // of them, this one; 0: all
}

// void says whether a letter holds the words of a post that was erased or, for this host,
// taken away. Others tell of its end, and are sent.
func (l letter) void(host int64) bool {
	return l.size == 0 || l.taken && (l.keeper == nil || *l.keeper != host)
}

// entitled says whether the owner of an inbox may still read a letter: whoever was a member
// when it was written may have left since. A drainer looks again each second.
func (d *drain) entitled(ctx context.Context, row delivery, l letter) (bool, error) {
	if l.circle.of == 0 {
		return true, nil
	}
	asked := seat{l.circle, row.Inbox}
	now := d.now()
	if s, known := d.seats[asked]; known && now.Sub(s.asked) < seatFresh {
		return s.held, nil
	}
	held, err := holdsSeat(ctx, d.db, asked)
	if err != nil {
		return false, err
	}
	if d.seats == nil {
		d.seats = map[seat]seen{}
	}
	d.seats[asked] = seen{now, held}
	return held, nil
}

// seat is the place of an inbox in a circle.
type seat struct {
	circle
	inbox int64
}

// seen is what was found of a seat, and when.
type seen struct {
	asked time.Time
	held  bool
}

// seatFresh is how long what was found of a seat is believed.
const seatFresh = time.Second

// letterFresh is how long a letter is sent without looking whether its post still stands.
const letterFresh = 10 * time.Second

// letter reads an activity once for all to whom it is sent at the same time. For a host that
// was tried in vain, some time ago, it is read anew.
func (d *drain) letter(ctx context.Context, id int64) (letter, error) {
	now := d.now()
	if l, found := d.bodies.GetIfPresent(id); found && (d.failing() || now.Sub(l.read) >= letterFresh) {
		d.bodies.Invalidate(id)
	}
	return d.bodies.Get(ctx, id, otter.LoaderFunc[int64, letter](func(ctx context.Context, id int64) (letter, error) {
		l, err := letterByID(ctx, d.db, id)
		l.read = now
		return l, err
	}))
}
