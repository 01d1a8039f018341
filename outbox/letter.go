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
	read      time.Time
}

// void says whether a letter holds the words of a post that was erased or, for this host,
// taken away. Others tell of its end, and are sent.
func (l letter) void(host int64) bool {
	return l.size == 0 || l.taken && (l.keeper == nil || *l.keeper != host)
}

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
