package outbox

import (
	"context"
	"fmt"
	"time"
)

const clockError = time.Minute // by which clocks may differ and nothing be changed

// Sweep brings near what lies further off than it ever should: a process whose clock ran
// ahead put it there, and what waits would wait as long. It is for a scheduled run.
func (c *Courier) Sweep(ctx context.Context) error {
	now := c.now().Add(clockError)
	if err := bringNear(ctx, c.db, now.Add(leaseLasts), now.Add(max(longestRest, longestAsked))); err != nil {
		return fmt.Errorf("bring near what lies too far off: %w", err)
	}
	return nil
}
