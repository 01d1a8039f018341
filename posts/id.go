package posts

import (
	"math/rand/v2"
	"slices"
	"time"

	"passerelles/storage"
)

// proposeIDs gives ids for a post of others that was published then. Many
// servers only tell the second: such posts are spread over it, since the random
// part of an id is too short for all that a busy second brings.
func proposeIDs(published, now time.Time) []int64 {
	ids := make([]int64, 3)
	for i := range ids {
		at := clamp(published, now)
		if at.Nanosecond() == 0 {
			at = clamp(at.Add(rand.N(time.Second)), now)
		}
		ids[i] = storage.NewID(at)
	}
	return ids
}

// chooseID gives one that is free. A reply of the same second comes after its parent.
func chooseID(published time.Time, f found, ids []int64) int64 {
	id := ids[0]
	for _, candidate := range ids {
		if !slices.Contains(f.taken, candidate) {
			id = candidate
			break
		}
	}
	if f.parent == nil || id > f.parent.ID {
		return id
	}
	if parent := storage.IDTime(f.parent.ID); parent.Sub(published) < time.Second {
		return storage.NewID(parent.Add(time.Millisecond))
	}
	return id
}
