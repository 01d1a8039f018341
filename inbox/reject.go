package inbox

import "context"

// reject takes the answer that we may not follow, or no longer.
func (in *Inbox) reject(ctx context.Context, a arrival) (change, error) {
	if in.IRIs.PostID(a.Object.ID) != 0 {
		return nil, ignored("a reply stands where it was let in, though the author of what it answers refuses it")
	}
	return in.answered(ctx, a, false)
}
