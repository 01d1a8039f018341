package web

import (
	"passerelles/posts"
)

type scheduledPage struct {
	All []scheduledRow
}

type scheduledRow struct {
	posts.Scheduled
	Why string // it was refused, in the reader's language
}

// scheduled shows what a member wrote for later.
func (h *Handler) scheduled(v *visit) error {
	all, err := h.Posts.ScheduledFor(v.r.Context(), v.member.ID)
	if err != nil {
		return err
	}
	body := scheduledPage{}
	for _, p := range all {
		row := scheduledRow{Scheduled: p}
		if p.Refused != "" {
			row.Why = h.words.fault(v.language, p.Refused)
		}
		body.All = append(body.All, row)
	}
	return h.show(v, "scheduled", page{Title: "scheduled.title", Hidden: true, Body: body})
}

// unschedule takes it back.
func (h *Handler) unschedule(v *visit) error {
	id, err := number(pathVar(v.r, "id"))
	if err != nil {
		return err
	}
	if err := h.Posts.Unschedule(v.r.Context(), v.member.ID, id); err != nil {
		return err
	}
	return h.done(v, "done.unscheduled", "/settings/scheduled")
}
