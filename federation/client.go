package federation

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"time"

	"passerelles/fault"
)

// How long and how much one conversation may take. A whole fetch, redirects
// and a peer that drips its answer included, ends within total.
const (
	total       = 10 * time.Second
	dialTimeout = 5 * time.Second
	keepAlive   = 30 * time.Second

	// A thousand hosts stay warm between two activities of a community.
	idleConnections = 4096
	idlePerHost     = 8 // one for each lane
	idleTimeout     = 90 * time.Second

	maxDocument  = 1 << 20
	maxDiscovery = 256 << 10
	maxHops      = 3
)

// Options say how a client goes out.
type Options struct {
	Origin        string         // ours: never fetched
	UserAgent     string         // names us to the operators of other servers
	AllowNetworks []netip.Prefix // exceptions to the guard
	AllowPorts    []uint16       // beside 443, and 80 with AllowHTTP
	AllowHTTP     bool
	SignAs        func(ctx context.Context) (PrivateKey, error) // nil: fetches are not signed
	Allowed       func(ctx context.Context, host string) error  // nil: all; asked for each address, redirects included
	Now           func() time.Time                              // nil: time.Now
	Resolver      *net.Resolver                                 // nil: the system's
	Roots         *x509.CertPool                                // nil: the system's
}

// Client is the only way from this program to other servers. It is safe for
// concurrent use; a program has one, since it keeps the connections.
type Client struct {
	origin       string
	userAgent    string
	signAs       func(ctx context.Context) (PrivateKey, error)
	now          func() time.Time
	patience     time.Duration // total, but for tests
	filePatience time.Duration // fileTotal, but for tests
	allowed      func(ctx context.Context, host string) error
	guard        guard
	transport    *http.Transport
	schemes      schemes
	signing      chan struct{} // RSA is the only heavy work here: one per processor
}

// NewClient makes the client. It has nothing to close: idle connections end
// by themselves.
func NewClient(o Options) *Client {
	c := &Client{userAgent: o.UserAgent, signAs: o.SignAs, now: o.Now, patience: total, filePatience: fileTotal, allowed: o.Allowed, guard: newGuard(o)}
	c.origin, _ = Origin(o.Origin) // none given: none to refuse
	if c.now == nil {
		c.now = time.Now
	}
	c.signing = make(chan struct{}, runtime.GOMAXPROCS(0))
	c.transport = &http.Transport{
		Proxy:                  nil, // the guard would see the proxy's address, not the peer's
		DialContext:            c.guard.dialer(o.Resolver).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(idleConnections)},
		TLSHandshakeTimeout:    dialTimeout,
		Protocols:              http1(),
		MaxIdleConns:           idleConnections,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return c
}

// http1 leaves HTTP/2 alone: a lane has one request on its way, and frames cost more
// than connections.
func http1() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	return p
}

// CloseIdle closes the connections that are kept warm.
func (c *Client) CloseIdle() { c.transport.CloseIdleConnections() }

// target reads an address that we are about to speak to.
func (c *Client) target(ctx context.Context, iri string) (*url.URL, error) {
	u, err := parseIRI(iri)
	if err != nil {
		return nil, err
	}
	u.Fragment, u.RawFragment = "", ""
	if originOf(u) == c.origin {
		return nil, fault.New(fault.Invalid, "this address is on this server")
	}
	if c.allowed != nil {
		return u, c.allowed(ctx, u.Host)
	}
	return u, nil
}

// send makes one exchange: no redirect is followed, no cookie kept.
func (c *Client) send(r *http.Request) (*http.Response, error) {
	if err := c.guard.checkURL(r.URL); err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", c.userAgent)
	return c.transport.RoundTrip(r)
}

// sign signs in turn.
func (c *Client) sign(r *http.Request, scheme Scheme, digest, target string, key PrivateKey) error {
	select {
	case c.signing <- struct{}{}:
		defer func() { <-c.signing }()
		if scheme == RFC9421 {
			return signMessage(r, digest, key, c.now())
		}
		return signRequest(r, digest, target, key, c.now())
	case <-r.Context().Done():
		return r.Context().Err()
	}
}

// readBody reads at most limit bytes, after decompression.
func readBody(body io.Reader, limit int64) ([]byte, error) {
	read, err := io.ReadAll(io.LimitReader(body, limit+1))
	if int64(len(read)) > limit {
		return nil, fault.New(fault.Invalid, "the other server answers more than we read")
	}
	if err != nil {
		return nil, unreachable(err)
	}
	return read, nil
}

// unreachable tells whoever asked the same thing whatever the cause: refused,
// closed and silent must look alike from outside.
func unreachable(err error) error {
	var known *fault.Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return fault.Wrap(fault.Unavailable, "the other server cannot be reached", err)
}
