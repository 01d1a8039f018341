package outbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"passerelles/federation"
)

// outcome is what an attempt means for the delivery and for its host.
type outcome struct {
	verdict verdict
	reason  string
	after   time.Duration // asked by the host itself
	took    time.Duration
	keeps   time.Duration     // how long after its publication the activity is tried
	scheme  federation.Scheme // of the signature that was taken; "" if none was
	strikes int               // failures after which the row is to blame and not its host; 0: never
}

type verdict int

const (
	delivered verdict = iota
	refused           // for ever, this row
	gone              // the inbox says that it is no more
	later             // the host rests
	unsent            // we could not even try: nobody's fault
)

// String names a verdict for the figures.
func (v verdict) String() string {
	return [...]string{"delivered", "refused", "gone", "later", "unsent"}[v]
}

const (
	keptFor         = 14 * 24 * time.Hour
	keptUnsigned    = 3 * 24 * time.Hour // 401: they will not learn our key any more
	strikesAnswered = 3
	strikesSilent   = 6
	slowFrom        = time.Second
	shortestAsked   = time.Second
	longestAsked    = 6 * time.Hour
)

// judge reads the answer of an inbox.
func judge(a federation.Answer, err error) outcome {
	if err != nil {
		return judgeSilence(err)
	}
	o := outcome{took: a.Took, keeps: keptFor, reason: reasonOf(a)}
	switch s := a.Status; {
	case s >= 200 && s < 300:
		o.verdict = delivered
	case s == http.StatusGone:
		o.verdict = gone
	case s == http.StatusBadRequest, s == http.StatusForbidden, s == http.StatusNotFound,
		s == http.StatusMethodNotAllowed, s == http.StatusNotAcceptable,
		s == http.StatusRequestEntityTooLarge, s == http.StatusUnprocessableEntity:
		o.verdict = refused
	case s == http.StatusTooManyRequests, s == http.StatusServiceUnavailable:
		o.verdict = later
		if a.RetryAfter > 0 {
			o.after = min(max(a.RetryAfter, shortestAsked), longestAsked)
		}
	case s == http.StatusUnauthorized:
		o.verdict, o.keeps, o.strikes = later, keptUnsigned, strikesAnswered
	default:
		o.verdict, o.strikes = later, strikesAnswered
	}
	return o
}

// notUnderstood says whether an answer may mean that the scheme of the signature is not
// known there: then the other is tried.
func notUnderstood(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnauthorized || status == http.StatusInternalServerError
}

// taken notes which signature brought a delivery about.
func (o outcome) taken(scheme federation.Scheme) outcome {
	if o.verdict == delivered {
		o.scheme = scheme
	}
	return o
}

func judgeSilence(err error) outcome {
	var u *federation.Unreached
	if !errors.As(err, &u) {
		if errors.Is(err, context.Canceled) {
			return outcome{verdict: unsent, reason: err.Error()}
		}
		return outcome{verdict: later, keeps: keptFor, strikes: strikesAnswered, reason: err.Error()}
	}
	o := outcome{verdict: later, took: u.Took, keeps: keptFor, reason: u.Error()}
	switch u.Cause {
	case federation.Refused:
		o.verdict = refused // by our own guard
	case federation.Slow, federation.Broken:
		o.strikes = strikesSilent // it may choke on this very activity
	}
	return o
}

func reasonOf(a federation.Answer) string {
	if a.Body == "" {
		return fmt.Sprintf("%d %s", a.Status, http.StatusText(a.Status))
	}
	return fmt.Sprintf("%d: %s", a.Status, a.Body)
}
