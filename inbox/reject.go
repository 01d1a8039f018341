package inbox

import "context"

// reject takes the answer that we may not follow, or no longer.
func (in *Inbox) reject(ctx context.Context, a arrival) (change, error) {
	return in.answered(ctx, a, false)
}
