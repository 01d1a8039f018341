package mastodon

import (
	"context"
	"encoding/json"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/notifications"
)

type notification struct {
	ID        string  `json:"id"`
	Type      string  `json:"type"`
	CreatedAt string  `json:"created_at"`
	GroupKey  string  `json:"group_key"`
	Account   account `json:"account"`
	Status    *status `json:"status,omitempty"`
}

// typeOf are those of the kinds of notices that apps know.
var typeOf = map[string]string{notifications.Reply: "mention", notifications.Mention: "mention", notifications.New: "status",
	notifications.Request: "follow_request"}

// Told words a notice.
func (h *Handler) Told(ctx context.Context, reader actors.ID, notice int64) (string, error) {
	n, err := h.Mails.One(ctx, reader, notice)
	if fault.Is(err, fault.NotFound) || err == nil && (typeOf[n.Kind] == "" || n.By == 0) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	by, err := h.Directory.ByID(ctx, n.By)
	if err != nil {
		return "", err
	}
	v := notification{ID: id(n.ID), Type: typeOf[n.Kind], CreatedAt: stamp(n.At), GroupKey: "ungrouped-" + id(n.ID), Account: h.accountOf(by)}
	if n.Post != 0 {
		c := as(ctx, reader)
		p, err := h.Posts.ByID(ctx, access.Reader{ID: reader}, n.Post)
		if err != nil {
			return "", err
		}
		s, err := h.one(c, p)
		if err != nil {
			return "", err
		}
		v.Status = &s
	}
	text, err := json.Marshal(v)
	return string(text), err
}

// Talk words a conversation.
func (h *Handler) Talk(context.Context, actors.ID, int64) (string, error) { return "", nil }
