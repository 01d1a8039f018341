package mastodon

import (
	"context"
	"encoding/json"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/notifications"
	"passerelles/timelines"
)

// Told words a notice, as apps know it.
func (h *Handler) Told(ctx context.Context, reader actors.ID, notice int64) (string, error) {
	n, err := h.Notices.ByID(ctx, reader, notice)
	if fault.Is(err, fault.NotFound) || err == nil && typeOf[n.Kind] == "" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	list, err := h.notificationsOf(as(ctx, reader), []notifications.Notice{n})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return written(list[0])
}

// Shared words a boost.
func (h *Handler) Shared(ctx context.Context, reader access.Reader, boost int64) (string, error) {
	c := as(ctx, reader.ID)
	p, by, err := h.postOf(c, boost)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) || err == nil && by == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	s, err := h.one(c, p)
	if err != nil {
		return "", err
	}
	return written(h.boosted(c, s, *by))
}

// Talk words a direct exchange to which a post belongs.
func (h *Handler) Talk(ctx context.Context, reader actors.ID, post int64) (string, error) {
	c := as(ctx, reader)
	p, err := h.Posts.ByID(ctx, c.reader(), post)
	if err != nil {
		return "", nothingIf(err)
	}
	e, err := h.Timelines.ExchangeOf(ctx, c.reader(), p.Root)
	if err != nil {
		return "", nothingIf(err)
	}
	if e.Last.ID != post { // something was said since, and is told by itself
		return "", nil
	}
	all, err := h.conversations(c, []timelines.Exchange{e})
	if err != nil {
		return "", err
	}
	return written(all[0])
}

// nothingIf takes what is not there for no error.
func nothingIf(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil
	}
	return err
}

func written(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}
