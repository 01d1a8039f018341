package web

import (
	"context"
	"strconv"
	"time"

	"passerelles/acts"
	"passerelles/fault"
	"passerelles/outbox"
	"passerelles/storage"
)

const lettersPerPage = 50

type deliveriesPage struct {
	Pause   *outbox.Pause // nil: there is none
	Waiting int64
	Dead    int64
	Hosts   []outbox.Backlog
	Letters []outbox.Letter
	More    string // address of the next page
}

// admin lets only administrators in: for others there is nothing here.
func (h *Handler) admin(f action) action {
	return func(v *visit) error {
		if v.member == nil || !v.member.Admin {
			return fault.New(fault.NotFound, "There is nothing at this address.")
		}
		return f(v)
	}
}

// deliveries shows what waits to leave, and what could not.
func (h *Handler) deliveries(v *visit) error {
	body, err := h.deliveriesPage(v)
	if err != nil {
		return err
	}
	return h.show(v, "deliveries", page{Title: "deliveries.title", Hidden: true, Body: body})
}

func (h *Handler) deliveriesPage(v *visit) (body deliveriesPage, err error) {
	ctx := v.r.Context()
	pause, paused, err := outbox.Paused(ctx, h.DB)
	if err != nil {
		return body, err
	}
	if paused {
		body.Pause = &pause
	}
	if body.Hosts, err = outbox.Backlogs(ctx, h.DB); err != nil {
		return body, err
	}
	for _, b := range body.Hosts {
		body.Waiting += b.Waiting
		body.Dead += b.Letters
	}
	if body.Letters, err = outbox.Letters(ctx, h.DB, "", v.before(), lettersPerPage+1); err != nil {
		return body, err
	}
	if len(body.Letters) > lettersPerPage {
		body.Letters = body.Letters[:lettersPerPage]
		body.More = "/admin/deliveries?before=" + strconv.FormatInt(body.Letters[lettersPerPage-1].ID, 10)
	}
	return body, nil
}

// retryDeliveries sends again what was given up for a host.
func (h *Handler) retryDeliveries(v *visit) error {
	return h.toLetters(v, "done.retried", outbox.RetryLetters)
}

// dropDeliveries forgets it.
func (h *Handler) dropDeliveries(v *visit) error {
	return h.toLetters(v, "done.dropped", outbox.DropLetters)
}

// toLetters does something to the dead letters of one host: never to all by mistake.
func (h *Handler) toLetters(v *visit, done string, act func(context.Context, storage.Tx, string, acts.By, time.Time) (int64, error)) error {
	host := v.r.PostFormValue("host")
	if host == "" {
		return fault.New(fault.Invalid, "Say for which server.")
	}
	err := h.DB.Write(v.r.Context(), func(tx storage.Tx) error {
		_, err := act(v.r.Context(), tx, host, v.by(), h.Now())
		return err
	})
	if err != nil {
		return err
	}
	return h.done(v, done, "/admin/deliveries")
}

// resumeDeliveries ends a pause. What waits is sent; to drop it is for the command line.
func (h *Handler) resumeDeliveries(v *visit) error {
	if _, err := outbox.Resume(v.r.Context(), h.DB, v.by(), false, h.Now()); err != nil {
		return err
	}
	return h.done(v, "done.resumed", "/admin/deliveries")
}
