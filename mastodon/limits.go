package mastodon

import (
	"strconv"
	"time"

	"passerelles/fault"
	"passerelles/pace"
)

const (
	callsWithin = 5 * time.Minute
	strangers   = 5 // an address without a token may ask for as many times less than a token
)

// limits count calls, in the memory of one process.
type limits struct {
	tokens    pace.Window[int64]
	addresses pace.Window[string]
}

func (l *limits) set(calls int) {
	l.tokens = pace.Window[int64]{Most: calls, Within: callsWithin}
	l.addresses = pace.Window[string]{Most: (calls + strangers - 1) / strangers, Within: callsWithin}
}

// take counts a call, and tells in the head how many are left and when all are there again. A
// token counts once it is known to hold: who makes some up is counted by their address.
func (h *Handler) take(c *call) error {
	if h.Calls == 0 {
		return nil
	}
	now := h.Now()
	most, left, may := h.limits.addresses.Most, pace.Left{}, false
	if c.access != nil {
		most = h.limits.tokens.Most
		left, may = h.limits.tokens.Take(c.access.Token, now)
	} else {
		left, may = h.limits.addresses.Take(pace.Visitor(c.r), now)
	}
	head := c.w.Header()
	head.Set("X-RateLimit-Limit", strconv.Itoa(most))
	head.Set("X-RateLimit-Remaining", strconv.Itoa(left.Calls))
	head.Set("X-RateLimit-Reset", stamp(left.Until))
	if !may {
		return fault.Later(fault.TooMany, "Too many requests", left.Until.Sub(now))
	}
	return nil
}
