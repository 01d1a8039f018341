package federation

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	maxReason = 200
	maxDrain  = 16 << 10
	maxAfter  = 30 * 24 * time.Hour
)

// Answer is what an inbox answered.
type Answer struct {
	Status     int
	RetryAfter time.Duration // 0 when nothing is said
	Took       time.Duration
	Body       string // the beginning, on one line, for the log
}

// Cause classes why no answer came.
type Cause string

// The causes of Unreached.
const (
	Refused Cause = "refused" // by our own guard, or not an address
	NoName  Cause = "name"    // the name does not resolve
	NoDial  Cause = "dial"    // nobody listens there, or so silently that it cannot be told
	NoTLS   Cause = "tls"     // the certificate or the handshake
	Slow    Cause = "timeout" // not in time
	Broken  Cause = "broken"  // the connection ended before the answer
)

// Unreached is the error of a post that got no answer from the other server.
type Unreached struct {
	Inbox string
	Cause Cause
	Took  time.Duration
	Err   error
}

// Error says it for the log.
func (u *Unreached) Error() string {
	return fmt.Sprintf("post to %s: %s: %v", u.Inbox, u.Cause, u.Err)
}

// Unwrap gives what happened.
func (u *Unreached) Unwrap() error { return u.Err }

// Post signs an activity and posts it to an inbox. Any answer is an Answer; the
// error is an *Unreached when none came, or that of ctx when it was cancelled.
// Redirects are answers: they are not followed.
func (c *Client) Post(ctx context.Context, inbox string, body []byte, key PrivateKey) (Answer, error) {
	return c.PostBody(ctx, Cavage, inbox, NewBody(body), key)
}

// PostBody is Post for a body that goes to many inboxes, signed by a scheme.
func (c *Client) PostBody(ctx context.Context, scheme Scheme, inbox string, body Body, key PrivateKey) (Answer, error) {
	start := time.Now()
	limited, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	res, sent, err := c.post(limited, scheme, inbox, body, key)
	if err != nil && causeOf(err) == Broken {
		// Most often a connection that we kept and the peer had just closed.
		// Receiving an activity twice changes nothing.
		res, sent, err = c.post(limited, scheme, inbox, body, key)
	}
	if !sent.IsZero() {
		start = sent // to wait for our own processor is not the peer's slowness
	}
	if err != nil {
		if ctx.Err() != nil {
			return Answer{}, fmt.Errorf("post to %s: %w", inbox, ctx.Err())
		}
		return Answer{}, &Unreached{Inbox: inbox, Cause: causeOf(err), Took: time.Since(start), Err: err}
	}
	defer res.Body.Close()
	reason := readReason(res.Body)
	return Answer{
		Status: res.StatusCode, RetryAfter: retryAfter(res.Header, c.now()),
		Took: time.Since(start), Body: reason,
	}, nil
}

// post also tells when it had signed.
func (c *Client) post(ctx context.Context, scheme Scheme, inbox string, body Body, key PrivateKey) (res *http.Response, sent time.Time, err error) {
	u, err := c.target(ctx, inbox)
	if err != nil {
		return nil, sent, fmt.Errorf("%w: %w", errGuard, err)
	}
	r := (&http.Request{
		Method: http.MethodPost, URL: u, Host: u.Host,
		Header:        make(http.Header, 8),
		ContentLength: int64(len(body.bytes)),
		GetBody:       body.reader,
	}).WithContext(ctx)
	r.Body, _ = body.reader() // cannot fail
	r.Header["Content-Type"] = []string{activityJSON}
	if err := c.sign(r, scheme, body.digest, u.RequestURI(), key); err != nil {
		return nil, sent, err
	}
	sent = time.Now()
	res, err = c.send(r)
	return res, sent, err
}

// readReason reads the beginning of an answer and as much more as it takes to
// keep the connection.
func readReason(body io.Reader) string {
	beginning := make([]byte, maxReason)
	n, err := io.ReadFull(body, beginning)
	if err == nil {
		_, _ = io.CopyN(io.Discard, body, maxDrain) // only costs the connection
	}
	return oneLine(string(beginning[:n]))
}

// oneLine makes of what a stranger wrote something that fits in a log.
func oneLine(s string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(clean), " ")
}

// retryAfter reads Retry-After, in seconds or as a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, maxAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(now), 0), maxAfter)
	}
	return 0
}

func causeOf(err error) Cause {
	var (
		name      *net.DNSError
		operation *net.OpError
		network   net.Error
		record    tls.RecordHeaderError
		alert     tls.AlertError
		cert      *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
	)
	switch {
	case errors.Is(err, errGuard):
		return Refused
	case errors.As(err, &name) && !name.IsTimeout:
		return NoName
	case errors.As(err, &record), errors.As(err, &alert), errors.As(err, &cert), errors.As(err, &authority):
		return NoTLS
	case errors.As(err, &operation) && operation.Op == "dial": // in vain or not in time: nothing was said
		return NoDial
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return Slow
	case errors.As(err, &operation) && operation.Op == "remote error":
		return NoTLS
	}
	return Broken
}
