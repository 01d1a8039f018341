package inbox

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/storage"
)

// unreadable, unproven and forbidden are what a sender did wrong.
func unreadable(why string) error { return fault.New(fault.Invalid, why) }
func unproven(why string) error   { return fault.New(fault.Unauthenticated, why) }
func forbidden(why string) error  { return fault.New(fault.Forbidden, why) }

// later says why we cannot take it now.
func later(err error, after time.Duration) error {
	return &fault.Error{
		Kind: fault.Unavailable, Msg: "this server cannot check or keep this now", After: after, Err: err,
	}
}

// refuse ends a request: one line that says why, never 2xx for what is not kept.
func (in *Inbox) refuse(w http.ResponseWriter, r *http.Request, kind string, err error) {
	what := fault.KindOf(err)
	if what == fault.Internal && (storage.Away(err) || r.Context().Err() != nil) {
		err = later(err, 10*time.Second)
		what = fault.Unavailable
	}
	in.Counted("refused "+strconv.Itoa(what.Status()), kind)
	switch what {
	case fault.Internal:
		in.Log.Error("receive", "error", err)
	default:
		in.Log.Debug("refused", "status", what.Status(), "error", err)
	}
	head := w.Header()
	if what == fault.Unavailable || what == fault.TooMany {
		head.Set("Retry-After", fault.RetryAfter(err))
	}
	if what == fault.Unauthenticated {
		head.Set("Accept-Signature", federation.AcceptSignature)
	}
	if what == fault.MethodNotAllowed {
		head.Set("Allow", http.MethodPost)
	}
	if what == fault.TooLarge {
		head.Set("Connection", "close") // what is left of the body is not read
	}
	message := fault.Message(err)
	if message == "" {
		message = http.StatusText(what.Status())
	}
	say(w, what.Status(), message)
}

func say(w http.ResponseWriter, status int, line string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(line + "\n")) // fails only if the sender has gone
}

// end is how an activity ended: its outcome, and why where it was not applied.
type end struct{ outcome, reason string }

func (e end) Error() string { return e.outcome + ": " + e.reason }

// ignored is for what is fine and not ours to act on; refused for what nobody may do.
func ignored(reason string) error { return end{"ignored", reason} }
func refused(reason string) error { return end{"refused", reason} }

// errSlow says that the network is needed: the row goes to the other queue.
var errSlow = errors.New("the network is needed")
