package documents

import (
	"context"
	"net/http"

	"passerelles/fault"
	"passerelles/outbox"
)

// activity shows what an actor of ours said, in the bytes that were sent, to who may see
// what it is about. That of a deleted post is gone with it, unless it is its Delete.
func (h *Handler) activity(w http.ResponseWriter, r *http.Request) error {
	if err := acceptable(r); err != nil {
		return err
	}
	who, err := h.reader(r)
	if err != nil {
		return err
	}
	s, err := outbox.ActivityByIRI(r.Context(), h.DB, h.IRIs.Activity(pathVar(r, "key")))
	if err != nil {
		return err
	}
	_, err = h.Posts.ByIRI(r.Context(), who, s.Object)
	switch {
	case s.Type == "Flag": // for the server that it was sent to, and nobody else
		return fault.New(fault.NotFound, "this activity does not exist")
	case err == nil:
	case fault.Is(err, fault.Gone) && (s.Type == "Delete" || s.Type == "Undo"):
	case fault.Is(err, fault.NotFound) && s.Listed:
		if err := h.notOfPost(r.Context(), s.Object); err != nil {
			return err
		}
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.NotFound, "this activity does not exist")
	default:
		return err
	}
	e := encode(s.Body)
	e.public = anybody(who)
	return h.send(w, r, e)
}

// notOfPost refuses what is about a post that is here: who may not see it any more, since it
// was taken away or its community closed, does not read it in what was said of it either.
func (h *Handler) notOfPost(ctx context.Context, object string) error {
	known, err := h.Posts.Known(ctx, h.DB, object)
	if err == nil && known {
		err = fault.New(fault.NotFound, "this activity does not exist")
	}
	return err
}
