package outbox

import (
	"math/rand/v2"
	"time"
)

const (
	firstRest   = time.Minute
	longestRest = 6 * time.Hour
)

// restAfter gives how long to leave alone what failed so often in a row: a
// random part of a time that doubles from a minute to six hours, so that those
// who failed together do not come back together.
func restAfter(failures int) time.Duration {
	whole := min(firstRest<<min(max(failures-1, 0), 10), longestRest)
	return max(rand.N(whole), time.Second)
}
