package access

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/storage"
)

// Told says whether what hangs on a post may be opened by whoever holds a key that was sent
// with it. In a confidential community, and among those who animate one, each asks by name.
func Told(ctx context.Context, q storage.Querier, it Item) (bool, error) {
	switch it.Scope {
	case "direct":
		return true, nil
	case "members":
		level, err := LevelOf(ctx, q, it.Community)
		return level != actors.Confidential, err
	}
	return false, nil
}

// StillTold says whether such a key of some age still opens: the post stands, and nobody has
// gone since who had it.
func StillTold(ctx context.Context, q storage.Querier, it Item, since time.Time) (bool, error) {
	if it.Deleted {
		return false, nil
	}
	if told, err := Told(ctx, q, it); err != nil || !told {
		return false, err
	}
	if heard, err := heardBy(ctx, q, Reader{}, it); err != nil || !heard {
		return false, err
	}
	if it.Community == 0 {
		return true, nil
	}
	gone, err := removed(ctx, q, it.Post, it.Community)
	if err != nil || gone {
		return false, err
	}
	left, err := leftSince(ctx, q, it.Community, since)
	return !left, err
}
