package access

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Block notes that an actor wants nothing from another.
func Block(ctx context.Context, tx storage.Tx, blocker, blocked actors.ID, at time.Time) error {
	if blocker == blocked {
		return fault.New(fault.Invalid, "Nobody can block themselves.")
	}
	return insertBlock(ctx, tx, blocker, blocked, at)
}

// Unblock takes a block back; it says whether there was one.
func Unblock(ctx context.Context, tx storage.Tx, blocker, blocked actors.ID) (changed bool, err error) {
	return deleteBlock(ctx, tx, blocker, blocked)
}

// Blocked says whether by has blocked whom.
func Blocked(ctx context.Context, q storage.Querier, by, whom actors.ID) (bool, error) {
	return blockExists(ctx, q, by, whom)
}
