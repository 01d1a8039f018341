package federation

import (
	"net/http"

	"passerelles/fault"
)

// Do makes one exchange with a server that may speak no ActivityPub, such as a push service, past the same
// guard as all others. No redirect is followed. The policies about servers do not count: it is a member
// who chose it.
func (c *Client) Do(r *http.Request) (*http.Response, error) {
	u, err := parseIRI(r.URL.String())
	if err != nil {
		return nil, err
	}
	if originOf(u) == c.origin {
		return nil, fault.New(fault.Invalid, "this address is on this server")
	}
	r.URL = u
	res, err := c.send(r)
	if err != nil {
		return nil, unreachable(err)
	}
	return res, nil
}
