package mastodon

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"passerelles/fault"
	"passerelles/posts"
)

var errPollStands = fault.New(fault.Invalid, "Validation failed: a poll is not changed once it is asked")

func (h *Handler) pollWays() []way {
	return []way{
		{http.MethodGet, "/api/v1/polls/{id:[0-9]+}", anybody, "read:statuses", h.poll},
		{http.MethodPost, "/api/v1/polls/{id:[0-9]+}/votes", aMember, "write:statuses", h.vote},
	}
}

// poll is what a post asks, which has the id of the post.
func (h *Handler) poll(c *call) (any, error) {
	p, _, err := h.post(c)
	if err == nil && p.Poll == nil {
		err = errNone
	}
	if err != nil {
		return nil, err
	}
	return pollOf(p, c.mine(p)), nil
}

// mine says whether the caller wrote a post.
func (c *call) mine(p posts.Post) bool { return c.reader().ID != 0 && c.reader().ID == p.Author.ID }

// vote chooses among what is asked.
func (h *Handler) vote(c *call) (any, error) {
	p, _, err := h.post(c)
	if err != nil {
		return nil, err
	}
	var choices []int
	for _, text := range c.params["choices"] {
		n, err := strconv.Atoi(text)
		if err != nil {
			n = -1 // which is none
		}
		choices = append(choices, n)
	}
	if p, err = h.Posts.Vote(c.r.Context(), c.member().ID, p.ID, choices); err != nil {
		return nil, err
	}
	return pollOf(p, c.mine(p)), nil
}

// asking is the poll that an app wants with a post; nil: none.
func asking(c *call) *posts.Asking {
	options := slices.DeleteFunc(slices.Clone(c.params["poll[options]"]), func(o string) bool { return o == "" })
	if len(options) == 0 {
		return nil
	}
	seconds, _ := strconv.Atoi(c.params.Get("poll[expires_in]")) // none is too short
	return &posts.Asking{Options: options, Multiple: c.yes("poll[multiple]"), HideTotals: c.yes("poll[hide_totals]"),
		For: time.Duration(min(seconds, 1<<31)) * time.Second}
}

// sameOptions says whether an app sends a poll as it stands, as some do with each edit.
func sameOptions(asked posts.Asking, p posts.Poll) bool {
	return slices.EqualFunc(asked.Options, p.Options, func(a string, b posts.PollOption) bool { return a == b.Name })
}
