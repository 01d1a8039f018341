package inbox

import (
	"context"
	"errors"
	"time"
)

const (
	undoneFor  = time.Hour
	clockError = time.Minute // by which clocks may differ and nothing be changed
	bodiesKept = 30          // days; what is shown or was announced again has a copy of its own
	overlap    = time.Hour   // between two sweeps, for what was being written
)

// Sweep forgets what has had its time, and brings near what a process whose clock ran
// ahead put further off than it ever should be. It forgets Undos that came before what they undo, the
// bodies of what came, and those about posts that were deleted. Ids and digests
// stay for ever. It is for a scheduled run; since is the one before.
func (in *Inbox) Sweep(ctx context.Context, since time.Time) error {
	now := in.Now()
	since = since.Add(-overlap)
	return errors.Join(
		bringNear(ctx, in.DB, now.Add(leaseFor+clockError), now.Add(longestRest+clockError)),
		deleteUndone(ctx, in.DB, now.Add(-undoneFor)),
		blankOld(ctx, in.DB, since.AddDate(0, 0, -bodiesKept), now.AddDate(0, 0, -bodiesKept)),
		blankDeleted(ctx, in.DB, since, now.AddDate(0, 0, -bodiesKept)),
	)
}
