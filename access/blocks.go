package access

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// Block notes that an actor wants nothing from another.
func Block(ctx context.Context, tx storage.Tx, blocker, blocked actors.ID, at time.Time) error {
	return errSoon
}

// Unblock takes a block back; it says whether there was one.
func Unblock(ctx context.Context, tx storage.Tx, blocker, blocked actors.ID) (changed bool, err error) {
	return false, errSoon
}

// Blocked says whether by has blocked whom.
func Blocked(ctx context.Context, q storage.Querier, by, whom actors.ID) (bool, error) {
	return false, errSoon
}
