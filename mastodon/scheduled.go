package mastodon

import (
	"cmp"
	"net/http"
	"time"

	"passerelles/fault"
	"passerelles/posts"
)

var errTime = fault.New(fault.Invalid, "Validation failed: Scheduled at is not a time")

func (h *Handler) scheduledWays() []way {
	const one = "/api/v1/scheduled_statuses/{id:[0-9]+}"
	return []way{
		{http.MethodGet, "/api/v1/scheduled_statuses", aMember, "read:statuses", h.scheduledAll},
		{http.MethodGet, one, aMember, "read:statuses", h.scheduledOne},
		{http.MethodPut, one, aMember, "write:statuses", h.reschedule},
		{http.MethodDelete, one, aMember, "write:statuses", h.unschedule},
	}
}

type scheduled struct {
	ID     string         `json:"id"`
	At     string         `json:"scheduled_at"`
	Params map[string]any `json:"params"`
	Media  []mediaItem    `json:"media_attachments"`
}

// scheduledOf is a post for later as apps know it.
func (h *Handler) scheduledOf(c *call, p posts.Scheduled) (scheduled, error) {
	d := p.Draft
	visibility := audience[d.Scope]
	v := scheduled{ID: id(p.ID), At: stamp(p.At), Media: []mediaItem{}, Params: map[string]any{"text": d.Text, "spoiler_text": orNull(d.Summary),
		"sensitive": d.Sensitive, "visibility": orNull(visibility), "language": orNull(d.Language), "in_reply_to_id": nil, "media_ids": nil,
		"poll": nil, "application_id": 0, "scheduled_at": nil, "idempotency": nil, "with_rate_limit": false}}
	v.Params["quoted_status_id"], v.Params["quote_approval_policy"] = nil, cmp.Or(d.Quotable, c.member().Quotable, posts.QuotedByAll)
	if d.Quote != 0 {
		v.Params["quoted_status_id"] = id(d.Quote)
	}
	if d.InReplyTo != 0 {
		v.Params["in_reply_to_id"] = id(d.InReplyTo)
	}
	if d.Poll != nil {
		v.Params["poll"] = map[string]any{"options": d.Poll.Options, "expires_in": int(d.Poll.For.Seconds()), "multiple": d.Poll.Multiple,
			"hide_totals": d.Poll.HideTotals}
	}
	ids, numbers := []string{}, []int64{}
	for _, a := range d.Files {
		ids, numbers = append(ids, id(a.ID)), append(numbers, a.ID)
	}
	if len(ids) > 0 {
		v.Params["media_ids"] = ids
	}
	files, err := h.Media.Waiting(c.r.Context(), p.Who, numbers)
	for _, f := range files {
		v.Media = append(v.Media, h.waiting(c, f))
	}
	return v, err
}

// schedule keeps a post for later.
func (h *Handler) schedule(c *call, d posts.Draft) (any, error) {
	at, err := timeOf(c)
	if err != nil {
		return nil, err
	}
	p, err := h.Posts.Schedule(c.r.Context(), c.member().ID, d, at)
	if err != nil {
		return nil, h.aboutFiles(c, d.Files, err)
	}
	return h.scheduledOf(c, p)
}

func timeOf(c *call) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, c.params.Get("scheduled_at"))
	if err != nil {
		return at, errTime
	}
	return at, nil
}

func (h *Handler) scheduledAll(c *call) (any, error) {
	all, err := h.Posts.ScheduledFor(c.r.Context(), c.member().ID)
	if err != nil {
		return nil, err
	}
	shown, most, before, after := []scheduled{}, c.limit(20, 40), c.number("max_id"), max(c.number("min_id"), c.number("since_id"))
	for _, p := range all {
		if before != 0 && p.ID >= before || p.ID <= after || len(shown) == most {
			continue
		}
		v, err := h.scheduledOf(c, p)
		if err != nil {
			return nil, err
		}
		shown = append(shown, v)
	}
	if len(shown) > 0 {
		h.linkTo(c, shown[0].ID, shown[len(shown)-1].ID)
	}
	return shown, nil
}

func (h *Handler) scheduledOne(c *call) (any, error) {
	p, err := h.Posts.ScheduledBy(c.r.Context(), c.member().ID, c.path("id"))
	if err != nil {
		return nil, err
	}
	return h.scheduledOf(c, p)
}

func (h *Handler) reschedule(c *call) (any, error) {
	p, err := h.Posts.ScheduledBy(c.r.Context(), c.member().ID, c.path("id"))
	if err != nil {
		return nil, err
	}
	at, err := timeOf(c)
	if err == nil {
		p, err = h.Posts.Reschedule(c.r.Context(), c.member().ID, p.ID, at)
	}
	if err != nil {
		return nil, err
	}
	return h.scheduledOf(c, p)
}

func (h *Handler) unschedule(c *call) (any, error) {
	return struct{}{}, h.Posts.Unschedule(c.r.Context(), c.member().ID, c.path("id"))
}
