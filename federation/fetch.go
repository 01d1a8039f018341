package federation

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"passerelles/fault"
	"passerelles/federation/vocab"
)

const (
	activityStreams = "https://www.w3.org/ns/activitystreams"
	activityJSON    = "application/activity+json"
	linkedJSON      = `application/ld+json; profile="` + activityStreams + `"`
)

// Fetched is a document that another server answered.
type Fetched struct {
	URL  string // where it came from, after redirects
	ID   string // the id proved by where it came from; only from FetchObject
	Body []byte
}

// Fetch fetches an ActivityPub document, signed by our Application. What the
// document says of itself is not believed yet: see FetchObject.
func (c *Client) Fetch(ctx context.Context, iri string) (Fetched, error) {
	return c.fetch(ctx, iri, request{
		accept: activityJSON + ", " + linkedJSON,
		limit:  maxDocument, signed: c.signAs != nil, typed: isActivity,
	})
}

// request says how a document is asked for.
type request struct {
	accept string
	limit  int64
	signed bool
	typed  func(contentType string) bool // nil: any
}

func (c *Client) fetch(ctx context.Context, iri string, ask request) (Fetched, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	u, err := c.target(ctx, iri)
	if err != nil {
		return Fetched{}, err
	}
	for range maxHops + 1 {
		res, err := c.get(ctx, u, ask)
		if err != nil {
			return Fetched{}, unreachable(fmt.Errorf("fetch %s: %w", u, err))
		}
		body, next, err := c.answer(ctx, res, u, ask)
		if err != nil || next == nil {
			return Fetched{URL: u.String(), Body: body}, err
		}
		u = next
	}
	return Fetched{}, fault.New(fault.Unavailable, "the other server redirects too often")
}

// spelling is a way to sign a GET.
type spelling struct {
	scheme Scheme
	target string
}

// get asks, and where the peer does not understand the signature once more for each
// other way to sign: GoToSocial's kin differ on whether the query belongs in it.
func (c *Client) get(ctx context.Context, u *url.URL, ask request) (res *http.Response, err error) {
	whole := u.RequestURI()
	if !ask.signed {
		return c.getSigned(ctx, u, spelling{}, ask)
	}
	ways := []spelling{{Cavage, whole}}
	if path, _, query := strings.Cut(whole, "?"); query {
		ways = append(ways, spelling{Cavage, path})
	}
	ways = append(ways, spelling{RFC9421, whole})
	if c.schemes.of(u.Host) == RFC9421 {
		slices.Reverse(ways)
	}
	for i, way := range ways {
		res, err = c.getSigned(ctx, u, way, ask)
		if err != nil {
			return nil, err
		}
		if s := res.StatusCode; s != http.StatusBadRequest && s != http.StatusUnauthorized {
			c.schemes.remember(u.Host, way.scheme)
			return res, nil
		}
		if i < len(ways)-1 {
			res.Body.Close()
		}
	}
	return res, nil
}

// getSigned makes a new request, so that nothing of an earlier one, least of
// all its signature, goes to another server.
func (c *Client) getSigned(ctx context.Context, u *url.URL, way spelling, ask request) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", ask.accept)
	if ask.signed {
		key, err := c.signAs(ctx)
		if err != nil {
			return nil, err
		}
		if err := c.sign(r, way.scheme, "", way.target, key); err != nil {
			return nil, err
		}
	}
	return c.send(r)
}

// answer reads the document, or gives where to ask next.
func (c *Client) answer(ctx context.Context, res *http.Response, u *url.URL, ask request) (body []byte, next *url.URL, err error) {
	defer res.Body.Close()
	if location := res.Header.Get("Location"); isRedirect(res.StatusCode) && location != "" {
		next, err = c.redirect(ctx, u, location)
		return nil, next, err
	}
	if err := statusFault(res, c.now()); err != nil {
		return nil, nil, err
	}
	if ask.typed != nil && !ask.typed(res.Header.Get("Content-Type")) {
		return nil, nil, fault.New(fault.Invalid, "the other server answers something else than ActivityPub")
	}
	body, err = readBody(res.Body, ask.limit)
	if err == nil && ctx.Err() != nil { // the peer saw us leave and ended what it was saying
		err = unreachable(ctx.Err())
	}
	return body, nil, err
}

func (c *Client) redirect(ctx context.Context, from *url.URL, location string) (*url.URL, error) {
	if err := checkSpelling(location); err != nil {
		return nil, err
	}
	to, err := from.Parse(location)
	if err != nil {
		return nil, refuse("it cannot be read")
	}
	if from.Scheme == "https" && to.Scheme != "https" {
		return nil, refuse("the other server redirects out of https")
	}
	return c.target(ctx, to.String())
}

func isRedirect(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}

func statusFault(res *http.Response, now time.Time) error {
	switch status := res.StatusCode; status {
	case http.StatusOK:
		return nil
	case http.StatusNotFound:
		return fault.New(fault.NotFound, "the other server does not have this")
	case http.StatusGone:
		return fault.New(fault.Gone, "this was deleted from the other server")
	case http.StatusUnauthorized, http.StatusForbidden:
		return fault.New(fault.Forbidden, "the other server refuses to show us this")
	default:
		return &fault.Error{
			Kind: fault.Unavailable, Msg: "the other server cannot answer now",
			After: retryAfter(res.Header, now), Err: fmt.Errorf("it answers %d", status),
		}
	}
}

// isActivity accepts the two types of ActivityPub and no kin of them: a file
// that a member of a server uploaded there is served as plain JSON
// (CVE-2024-25623), and must not speak for the server.
func isActivity(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	return kind == activityJSON ||
		kind == "application/ld+json" && slices.Contains(strings.Fields(params["profile"]), activityStreams)
}

// FetchObject fetches a document and proves its id (FEP-fe34): the id is the
// address that was asked for, and its origin is that of the server which
// answered. A document with another id is asked for once more at that id.
// Fetched.ID is the proved id, which may differ from what was asked.
func (c *Client) FetchObject(ctx context.Context, iri string) (Fetched, error) {
	for range 2 {
		f, err := c.Fetch(ctx, iri)
		if err != nil {
			return Fetched{}, err
		}
		if f.ID, err = documentID(f.Body); err != nil {
			return Fetched{}, err
		}
		// A fragment is never sent: its document is what holds it.
		asked, _, _ := strings.Cut(iri, "#")
		if f.ID == iri || f.ID == asked {
			return proved(f)
		}
		iri = f.ID
	}
	return Fetched{}, fault.New(fault.Invalid, "the document has another id than its address")
}

func proved(f Fetched) (Fetched, error) {
	if !SameOrigin(f.ID, f.URL) {
		return Fetched{}, fault.New(fault.Invalid, "the document comes from another server than its id")
	}
	return f, nil
}

// documentID reads the id of a document as everybody after us will.
func documentID(body []byte) (string, error) {
	d, err := vocab.Decode(body)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, "the other server answers a document that cannot be read", err)
	}
	return d.ID, CheckIRI(d.ID)
}
