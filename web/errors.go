package web

import (
	"errors"
	"net/http"
	"strings"

	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// trouble is how a kind of fault is told.
type trouble struct{ title, next string }

var troubles = map[fault.Kind]trouble{
	fault.Internal:         {"trouble.internal.title", "trouble.internal.next"},
	fault.Invalid:          {"trouble.invalid.title", "trouble.invalid.next"},
	fault.Unauthenticated:  {"trouble.unauthenticated.title", "trouble.unauthenticated.next"},
	fault.Forbidden:        {"trouble.forbidden.title", "trouble.forbidden.next"},
	fault.NotFound:         {"trouble.missing.title", "trouble.missing.next"},
	fault.MethodNotAllowed: {"trouble.method.title", "trouble.method.next"},
	fault.NotAcceptable:    {"trouble.invalid.title", "trouble.invalid.next"},
	fault.Conflict:         {"trouble.conflict.title", "trouble.conflict.next"},
	fault.Gone:             {"trouble.gone.title", "trouble.gone.next"},
	fault.TooLarge:         {"trouble.large.title", "trouble.large.next"},
	fault.UnsupportedMedia: {"trouble.invalid.title", "trouble.invalid.next"},
	fault.TooMany:          {"trouble.many.title", "trouble.many.next"},
	fault.Unavailable:      {"trouble.away.title", "trouble.away.next"},
}

type troublePage struct{ Title, Sentence, Next string }

// fail shows an error as a page, with its status and what to do next.
func (h *Handler) fail(v *visit, err error) {
	kind := h.weigh(v, err)
	told := troubles[kind]
	p := page{Title: told.title, Hidden: true, Body: troublePage{told.title, h.words.fault(v.language, fault.Message(err)), told.next}}
	if err := h.render(v, kind.Status(), "trouble", p); err != nil {
		h.Log.Error("page of an error", "path", Logged(v.r.URL.Path), "error", err)
		http.Error(v.w, http.StatusText(kind.Status()), kind.Status())
	}
}

// weigh gives the kind of an error, logs what is ours to mend, and says when to
// come back.
func (h *Handler) weigh(v *visit, err error) fault.Kind {
	kind := fault.KindOf(err)
	if kind == fault.Internal && storage.Away(err) {
		kind = fault.Unavailable
	}
	if kind == fault.Internal && !errors.Is(err, v.r.Context().Err()) {
		h.Log.Error("page", "path", Logged(v.r.URL.Path), "error", err)
	}
	if kind == fault.Unavailable || kind == fault.TooMany {
		v.w.Header().Set("Retry-After", fault.RetryAfter(err))
	}
	return kind
}

// noSession answers when sessions cannot be read or written.
func (h *Handler) noSession(w http.ResponseWriter, r *http.Request, err error) {
	h.fail(h.stranger(w, r), err)
}

func (h *Handler) crossSite(w http.ResponseWriter, r *http.Request) {
	h.fail(h.stranger(w, r), fault.New(fault.Forbidden, "This form was sent from another site."))
}

// NotFound answers what has no page.
func (h *Handler) NotFound(w http.ResponseWriter, r *http.Request) {
	h.fail(h.stranger(w, r), fault.New(fault.NotFound, "There is nothing at this address."))
}

// methodNotAllowed answers what has a page, but is asked otherwise.
func (h *Handler) methodNotAllowed(w http.ResponseWriter, r *http.Request, allowed []string) {
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	h.fail(h.stranger(w, r), fault.New(fault.MethodNotAllowed, "This address is not asked in this way."))
}

// opening are the addresses whose last part lets in.
var opening = []string{communities.LinkPath, "/confirm/", "/reset/"}

// Logged is the path of a page as a log may tell it: what lets in stands in none.
func Logged(path string) string {
	for _, prefix := range opening {
		if strings.HasPrefix(path, prefix) {
			return prefix + "…"
		}
	}
	return path
}
