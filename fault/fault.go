// Package fault says what went wrong, in words a reader may see.
//
// A fault has a kind, which each door maps once to its own answer (an HTTP
// status, an exit code), and a message, a full sentence that may be shown to
// whoever asked. Any other error is internal: it is logged and shows nothing.
package fault

import (
	"errors"
	"math"
	"strconv"
	"time"
)

// Kind classes a fault by what the asker can do about it.
type Kind int

// The kinds of fault, each with the HTTP status that doors answer.
const (
	Internal         Kind = iota // 500: ours to mend
	Invalid                      // 400: the request makes no sense
	Unauthenticated              // 401: who asks is not established
	Forbidden                    // 403: established, and not allowed
	NotFound                     // 404: does not exist, or not for the asker
	MethodNotAllowed             // 405
	NotAcceptable                // 406: none of the wanted media types
	Conflict                     // 409: clashes with what is there
	Gone                         // 410: existed, and never will again
	TooLarge                     // 413
	UnsupportedMedia             // 415
	TooMany                      // 429: slower, please
	Unavailable                  // 503: later, please
)

var statuses = map[Kind]int{
	Internal: 500, Invalid: 400, Unauthenticated: 401, Forbidden: 403, NotFound: 404,
	MethodNotAllowed: 405, NotAcceptable: 406, Conflict: 409, Gone: 410, TooLarge: 413,
	UnsupportedMedia: 415, TooMany: 429, Unavailable: 503,
}

// Status gives the HTTP status of a kind.
func (k Kind) Status() int { return statuses[k] }

// Error is a fault: a kind, a sentence for the reader, the cause for the log,
// and for TooMany and Unavailable the time to wait.
type Error struct {
	Kind  Kind
	Msg   string
	After time.Duration
	Err   error
}

// Error gives the sentence and, for the log, its cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Msg
	}
	return e.Msg + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes a fault of a kind with a sentence for the reader.
func New(kind Kind, msg string) error { return &Error{Kind: kind, Msg: msg} }

// Wrap makes a fault that keeps its cause for the log.
func Wrap(kind Kind, msg string, err error) error { return &Error{Kind: kind, Msg: msg, Err: err} }

// Later makes a TooMany or Unavailable fault that says when to come back.
func Later(kind Kind, msg string, after time.Duration) error {
	return &Error{Kind: kind, Msg: msg, After: after}
}

// KindOf gives the kind of the first fault in err's chain, Internal if none.
func KindOf(err error) Kind {
	var f *Error
	if errors.As(err, &f) {
		return f.Kind
	}
	return Internal
}

// Is says whether err is a fault of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// Message gives the sentence that the reader may see, "" for an internal error.
func Message(err error) string {
	var f *Error
	if errors.As(err, &f) && f.Kind != Internal {
		return f.Msg
	}
	return ""
}

// Cause gives what lies behind the sentence of a fault, nil if nothing does; for an
// internal error, the error.
func Cause(err error) error {
	var f *Error
	if errors.As(err, &f) {
		return f.Err
	}
	return err
}

// After gives how long the asker should wait, 0 when nothing is said.
func After(err error) time.Duration {
	var f *Error
	if errors.As(err, &f) {
		return f.After
	}
	return 0
}

// RetryAfter writes After as HTTP's header wants it: whole seconds, one at least.
func RetryAfter(err error) string {
	return strconv.Itoa(int(max(1, math.Ceil(After(err).Seconds()))))
}
