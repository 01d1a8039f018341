package streaming

import (
	"context"
	"slices"
	"strconv"

	"passerelles/actors"
)

const filtersChanged = "filters_changed"

// unshared tells who follows those who shared something that they do so no more. A boost goes by its own id,
// which tells nothing of the post.
func (r *round) unshared(ctx context.Context, ended []happening) error {
	ears := r.ears["user"]
	if len(ended) == 0 || len(ears) == 0 {
		return nil
	}
	var sharers []actors.ID
	for _, h := range ended {
		sharers = append(sharers, h.Reader)
	}
	followers, err := followersAmong(ctx, r.DB, sharers, membersOf(ears))
	if err != nil {
		return err
	}
	for _, h := range ended {
		for _, e := range ears {
			if slices.Contains(followers[h.Reader], e.line.Member) {
				e.line.push(r.frame(e.stream, "delete", strconv.FormatInt(h.Thing, 10)))
			}
		}
	}
	return nil
}

// filters tells apps that keep filters by themselves to read them again.
func (r *round) filters(members []actors.ID) {
	for _, e := range r.ears["user"] {
		if slices.Contains(members, e.line.Member) {
			e.line.push(r.frame(e.stream, filtersChanged, "null"))
		}
	}
}
