package outbox

import (
	"context"
	"slices"
	"time"

	"passerelles/storage"
)

// lane is a lane in our hands, or not: then lease is 0.
type lane struct {
	laneName
	hostState
	lease int64
	until time.Time
	rows  []delivery
}

func (l lane) failing() bool { return l.Failures > 0 }

// want asks for rows of a lane.
type want struct {
	laneName
	lanes int16
	limit int
}

// take leases a lane and reads its first rows, with whoever asks at the same time.
func (c *Courier) take(name laneName) (lane, error) { return c.takes.Ask(context.Background(), name) }

// takeLanes leases those of the lanes that are free and whose hosts do not rest.
// It runs under its own deadline: its batch belongs to several callers.
// Its commit does not wait for the disk, nor do the others of lanes: what a crash
// of PostgreSQL takes back is sent once more, to peers that know it.
func (c *Courier) takeLanes(names []laneName) ([]lane, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	var taken map[laneName]lane
	err := c.db.WriteSoft(ctx, func(tx storage.Tx) (err error) {
		taken, err = takeIn(ctx, tx, names, c.now())
		return err
	})
	lanes := make([]lane, len(names))
	for i, name := range names {
		lanes[i] = taken[name]
		delete(taken, name) // asked for twice: one has it
	}
	return lanes, err
}

func takeIn(ctx context.Context, tx storage.Tx, names []laneName, now time.Time) (map[laneName]lane, error) {
	states, err := shareHosts(ctx, tx, hostsOf(names), now)
	if err != nil {
		return nil, err
	}
	var hosts []int64
	var numbers []int16
	for _, name := range names {
		state := states[name.Host]
		if !state.Resting && name.Number < max(state.Lanes, 1) { // else the bell is stale
			hosts, numbers = append(hosts, name.Host), append(numbers, name.Number)
		}
	}
	until := now.Add(leaseLasts)
	leases, err := leaseLanes(ctx, tx, hosts, numbers, now, until)
	if err != nil {
		return nil, err
	}
	var wants []want
	taken := make(map[laneName]lane, len(leases))
	for name, lease := range leases {
		l := lane{laneName: name, hostState: states[name.Host], lease: lease, until: until}
		l.Lanes = max(l.Lanes, 1)
		taken[name] = l
		wants = append(wants, want{name, l.Lanes, l.appetite(mostRows)})
	}
	next, err := nextRows(ctx, tx, wants, now)
	if err != nil {
		return nil, err
	}
	for name, l := range taken {
		l.rows = next[name]
		taken[name] = l
	}
	return taken, nil
}

func hostsOf(names []laneName) []int64 {
	hosts := make([]int64, len(names))
	for i, n := range names {
		hosts[i] = n.Host
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// appetite is how many rows to read at once: one, to probe a host that fails.
func (l lane) appetite(most int) int {
	if l.failing() {
		return min(most, 1)
	}
	return most
}

// progress is what a drain has done since it last said so.
type progress struct {
	laneName
	lease int64
	done  []delivery
	more  int       // rows wanted next; without any, the lane is freed
	lanes int16     // of the host
	keep  bool      // keep the lane though no rows are wanted
	quiet time.Time // ring no sooner for it, once freed
	until time.Time // end of the lease now
}

// progressed is what comes of it.
type progressed struct {
	ours  bool
	until time.Time // end of the lease; zero: freed
	rows  []delivery
}

func (c *Courier) saveProgress(batch []progress) ([]progressed, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	var saved []progressed
	err := c.db.WriteSoft(ctx, func(tx storage.Tx) (err error) {
		saved, err = saveIn(ctx, tx, batch, c.now())
		return err
	})
	return saved, err
}

// saveIn records progress of the lanes that are still held, and of no other:
// whoever lost its lease has nothing to say any more.
func saveIn(ctx context.Context, tx storage.Tx, batch []progress, now time.Time) ([]progressed, error) {
	ours, err := holdAll(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	var done []delivery
	var wants []want
	for _, p := range batch {
		if !ours[p.laneName] {
			continue
		}
		done = append(done, p.done...)
		if p.more > 0 {
			wants = append(wants, want{p.laneName, p.lanes, p.more})
		}
	}
	if len(done) > 0 {
		if err := deleteDeliveries(ctx, tx, done); err != nil {
			return nil, err
		}
	}
	next := map[laneName][]delivery{}
	if len(wants) > 0 {
		if next, err = nextRows(ctx, tx, wants, now); err != nil {
			return nil, err
		}
	}
	return leaseOn(ctx, tx, batch, ours, next, now)
}

func holdAll(ctx context.Context, tx storage.Tx, batch []progress) (map[laneName]bool, error) {
	hosts, numbers, leases := make([]int64, len(batch)), make([]int16, len(batch)), make([]int64, len(batch))
	for i, p := range batch {
		hosts[i], numbers[i], leases[i] = p.Host, p.Number, p.lease
	}
	return holdLanes(ctx, tx, hosts, numbers, leases)
}

// leaseOn frees the lanes that have no more rows and lengthens the leases of
// the others that come near their end.
func leaseOn(ctx context.Context, tx storage.Tx, batch []progress, ours map[laneName]bool, next map[laneName][]delivery, now time.Time) ([]progressed, error) {
	var hosts []int64
	var numbers []int16
	var ends, quiet []time.Time
	saved := make([]progressed, len(batch))
	for i, p := range batch {
		if !ours[p.laneName] {
			continue
		}
		s := progressed{ours: true, rows: next[p.laneName]}
		end := now
		if p.keep || len(s.rows) > 0 {
			s.until, end = p.until, now.Add(leaseLasts)
			if p.until.Sub(now) > leaseLasts*2/3 {
				saved[i] = s
				continue // long enough
			}
			s.until = end
		}
		hosts, numbers = append(hosts, p.Host), append(numbers, p.Number)
		ends, quiet = append(ends, end), append(quiet, latest(p.quiet, now))
		saved[i] = s
	}
	if len(hosts) == 0 {
		return saved, nil
	}
	return saved, extendLanes(ctx, tx, hosts, numbers, ends, quiet)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
