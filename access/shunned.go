package access

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// Mute notes that a reader does not want to see what another says. Only the reader knows.
func Mute(ctx context.Context, tx storage.Tx, muter, muted actors.ID, at time.Time) error {
	if muter == muted {
		return fault.New(fault.Invalid, "Nobody can mute themselves.")
	}
	return insertMute(ctx, tx, muter, muted, at)
}

// Unmute takes a mute back; it says whether there was one.
func Unmute(ctx context.Context, tx storage.Tx, muter, muted actors.ID) (changed bool, err error) {
	return deleteMute(ctx, tx, muter, muted)
}

// Shunned is somebody whom a reader blocks or mutes.
type Shunned struct {
	Who            actors.ID
	Blocked, Muted bool
	Since          time.Time // of the one or the other, the earlier
}

// ShunnedBy gives whom a reader blocks or mutes, by id.
func ShunnedBy(ctx context.Context, q storage.Querier, reader actors.ID) ([]Shunned, error) {
	return shunnedBy(ctx, q, reader)
}

// ShunnedAmong gives those of some people whom a reader blocks or mutes, or whose server.
func ShunnedAmong(ctx context.Context, q storage.Querier, reader actors.ID, who []actors.ID) ([]actors.ID, error) {
	return shunnedAmong(ctx, q, reader, who)
}

// RefuseBlocked refuses what somebody does to another who has blocked them.
func RefuseBlocked(ctx context.Context, q storage.Querier, by, whom actors.ID) error {
	blocked, err := Blocked(ctx, q, by, whom)
	if err == nil && blocked {
		err = fault.New(fault.Forbidden, "This person does not take this from you.")
	}
	return err
}

// RefuseBanned refuses what somebody does in a community of ours that keeps them out at this time.
func RefuseBanned(ctx context.Context, q storage.Querier, community, who actors.ID, at time.Time) error {
	banned, err := bannedAt(ctx, q, community, who, at)
	if err == nil && banned {
		err = fault.New(fault.Forbidden, "This community takes nothing from this person.")
	}
	return err
}

// Forget takes away each block and mute by somebody, or of somebody, who is no more.
func Forget(ctx context.Context, tx storage.Tx, who actors.ID) error {
	return deleteShuns(ctx, tx, who)
}
