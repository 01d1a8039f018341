package federation

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"time"

	"passerelles/fault"
)

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

// PublicKey is a key of somebody elsewhere, as its owner published it.
type PublicKey struct {
	ID, Owner string
	Key       crypto.PublicKey
}

// PrivateKey is a key of ours and the id under which others find its public half.
type PrivateKey struct {
	ID     string
	Signer crypto.Signer
}

// NewRSAKey makes a key of 2048 bits.
func NewRSAKey() (*rsa.PrivateKey, error) { return nil, errSoon }

// ParsePublicPEM reads a public key.
func ParsePublicPEM(text string) (crypto.PublicKey, error) { return nil, errSoon }

// PublicPEM writes a public key.
func PublicPEM(key crypto.PublicKey) (string, error) { return "", errSoon }

// ParsePrivatePEM reads a private key in PKCS#8.
func ParsePrivatePEM(text string) (crypto.Signer, error) { return nil, errSoon }

// PrivatePEM writes a private key in PKCS#8.
func PrivatePEM(key crypto.Signer) (string, error) { return "", errSoon }

// Sign signs a request.
func Sign(r *http.Request, body []byte, key PrivateKey, now time.Time) error { return errSoon }

// Signed is what a verified signature says.
type Signed struct {
	KeyID   string
	Value   []byte
	Created time.Time
}

// KeyID reads which key is said to have signed.
func KeyID(r *http.Request) (string, error) { return "", errSoon }

// Verify verifies the signature of a request.
func Verify(r *http.Request, body []byte, key crypto.PublicKey, now time.Time) (Signed, error) {
	return Signed{}, errSoon
}

// Options say how a client goes out.
type Options struct {
	Origin        string
	UserAgent     string
	AllowNetworks []netip.Prefix
	AllowPorts    []uint16
	AllowHTTP     bool
	SignAs        func(ctx context.Context) (PrivateKey, error)
	Now           func() time.Time
	Resolver      *net.Resolver
	Roots         *x509.CertPool
}

// Client goes out to other servers.
type Client struct{ options Options }

// NewClient makes a client.
func NewClient(o Options) *Client { return &Client{options: o} }

// Fetched is a document that another server answered.
type Fetched struct {
	URL  string // where it came from, after redirects
	ID   string // the id that it claims and that was checked; only from FetchObject
	Body []byte
}

// Fetch fetches a document.
func (c *Client) Fetch(ctx context.Context, iri string) (Fetched, error) { return Fetched{}, errSoon }

// FetchObject fetches a document whose id is proved by where it comes from.
func (c *Client) FetchObject(ctx context.Context, iri string) (Fetched, error) {
	return Fetched{}, errSoon
}

// FetchKey fetches a key and checks that its owner lists it.
func (c *Client) FetchKey(ctx context.Context, keyID string) (PublicKey, error) {
	return PublicKey{}, errSoon
}

// Answer is what an inbox answered.
type Answer struct {
	Status     int
	RetryAfter time.Duration
	Took       time.Duration
	Body       string
}

// Body is a document to post and its digest, computed once for many posts.
type Body struct {
	bytes  []byte
	digest string
}

// NewBody computes the digest.
func NewBody(body []byte) Body { return Body{bytes: body} }

// Cause says why no answer came.
type Cause string

// The causes.
const (
	Refused Cause = "refused" // by our own guard: trying again changes nothing
	NoName  Cause = "name"    // the name does not resolve
	NoDial  Cause = "dial"    // nobody listens there
	NoTLS   Cause = "tls"     // the certificate or the handshake
	Slow    Cause = "timeout"
	Broken  Cause = "broken" // the connection ended before the answer
)

// Unreached is the error of a post that got no answer.
type Unreached struct {
	Inbox string
	Cause Cause
	Err   error
}

// Error says it for the log.
func (u *Unreached) Error() string { return "no answer (" + string(u.Cause) + "): " + u.Err.Error() }

// Unwrap gives the cause.
func (u *Unreached) Unwrap() error { return u.Err }

// Post posts an activity to an inbox.
func (c *Client) Post(ctx context.Context, inbox string, body []byte, key PrivateKey) (Answer, error) {
	return c.PostBody(ctx, inbox, NewBody(body), key)
}

// PostBody is Post with a digest that is already computed.
func (c *Client) PostBody(ctx context.Context, inbox string, body Body, key PrivateKey) (Answer, error) {
	return Answer{}, errSoon
}

// Found is what WebFinger says of a handle.
type Found struct {
	IRI     string
	Subject string // name@host, without acct:
}

// FindHandle finds an actor by its handle.
func (c *Client) FindHandle(ctx context.Context, handle string) (Found, error) {
	return Found{}, errSoon
}

// HandleOf finds the handle of an actor, confirmed both ways.
func (c *Client) HandleOf(ctx context.Context, iri, preferredUsername, webfinger string) (name, host string, err error) {
	return "", "", errSoon
}

// NodeInfo names the software of a server.
type NodeInfo struct{ Software, Version string }

// NodeInfo asks a server for its software.
func (c *Client) NodeInfo(ctx context.Context, host string) (NodeInfo, error) {
	return NodeInfo{}, errSoon
}

// Origin gives scheme://host[:port].
func Origin(iri string) (string, error) { return "", errSoon }

// SameOrigin compares.
func SameOrigin(a, b string) bool { return false }

// Host gives host[:port], "" if the IRI is refused.
func Host(iri string) string { return "" }

// CheckIRI refuses what is not an address that we fetch or store.
func CheckIRI(iri string) error { return errSoon }
