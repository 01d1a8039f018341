package mastodon

import (
	"encoding/json"
	"errors"
	"net/http"

	"passerelles/fault"
	"passerelles/oauth"
)

var (
	errNone    = fault.New(fault.NotFound, "Record not found")
	errNoUser  = fault.New(fault.Invalid, "This method requires an authenticated user")
	errNoToken = fault.New(fault.Unauthenticated, "The access token is invalid")
	errNoRight = fault.New(fault.Forbidden, "This action is outside the authorized scopes")
)

type problem struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

// statusOf is the status of a fault as apps expect it: what makes no sense is 422 there.
func statusOf(err error) int {
	switch kind := fault.KindOf(err); kind {
	case fault.Invalid, fault.Conflict, fault.UnsupportedMedia:
		return http.StatusUnprocessableEntity
	case fault.Gone:
		return http.StatusNotFound
	default:
		return kind.Status()
	}
}

// fail answers an error. What is not for the asker is answered as what is not there.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *oauth.Refusal
	if errors.As(err, &refusal) {
		status := http.StatusBadRequest
		if refusal.Code == "invalid_client" {
			status = http.StatusUnauthorized
		}
		reply(w, status, problem{refusal.Code, refusal.Description})
		return
	}
	status := statusOf(err)
	if status == http.StatusNotFound {
		err = errNone
	}
	if status >= http.StatusInternalServerError && status != http.StatusServiceUnavailable {
		h.Log.Error("an app was not served", "path", r.URL.Path, "error", err)
		reply(w, status, problem{Error: "There was an error of ours: it is logged."})
		return
	}
	if after := fault.RetryAfter(err); after != "" {
		w.Header().Set("Retry-After", after)
	}
	reply(w, status, problem{Error: fault.Message(err)})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // no browser takes it for a page
	_ = e.Encode(body)     // fails only if the app has gone
}
