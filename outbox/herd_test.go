package outbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// TestHerd has a hundred hosts fail in the same second: they are not tried again in the
// same second, nor do their schedules meet later.
func TestHerd(t *testing.T) {
	t.Parallel()
	const herd = 100
	w := newTown(t, 1)
	p := w.peers[0] // stands for all
	p.answer(always(http.StatusServiceUnavailable))
	for i := range herd {
		host, inbox := addInbox(t, w.db, fmt.Sprintf("peer%d.example", i), fmt.Sprintf("%s/inboxes/%d", p.URL, i))
		addFollower(t, w.db, int64(i)+10, w.group.ID, host, inbox)
	}
	w.post(t, 1)
	w.work(t)
	before := len(p.received())
	if before != herd+1 {
		t.Fatalf("tried %d times at first, want each host once", before)
	}
	most, tries := 0, 0
	for range 4 * 60 {
		w.clock.Advance(time.Second)
		w.work(t)
		now := len(p.received())
		most, tries, before = max(most, now-before), tries+now-before, now
	}
	t.Logf("%d tries in four minutes, at most %d in a second", tries, most)
	if most > herd/5 {
		t.Errorf("%d of %d hosts were tried again in the same second", most, herd)
	}
	if tries < herd || tries > 6*herd {
		t.Errorf("%d hosts were tried %d times more in four minutes", herd, tries)
	}
}
