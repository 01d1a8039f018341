package federation

import (
	"context"

	"passerelles/fault"
)

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

// FetchKey fetches a key and checks that its owner lists it.
func (c *Client) FetchKey(ctx context.Context, keyID string) (PublicKey, error) {
	return PublicKey{}, errSoon
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
