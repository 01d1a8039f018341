package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"passerelles/fault"
)

// A file may be larger than a document and lie behind more redirects, but must
// come whole before the visitor's own request ends.
const (
	fileTotal   = 45 * time.Second
	fileHops    = 5
	acceptFiles = "image/webp, image/png, image/jpeg, image/gif, */*;q=0.1"
)

// CopyFile writes a file of another server to w, at most limit bytes of it. Whatever
// the server says of the file's type is not looked at. The request is not signed:
// it is for what everybody may see.
func (c *Client) CopyFile(ctx context.Context, w io.Writer, address string, limit int64) error {
	return c.copyFile(ctx, w, address, limit, request{accept: acceptFiles})
}

// CopyFileSigned is CopyFile for what the other server shows to ours alone: our Application
// signs.
func (c *Client) CopyFileSigned(ctx context.Context, w io.Writer, address string, limit int64) error {
	return c.copyFile(ctx, w, address, limit, request{accept: acceptFiles, signed: c.signAs != nil})
}

func (c *Client) copyFile(ctx context.Context, w io.Writer, address string, limit int64, ask request) error {
	ctx, cancel := context.WithTimeout(ctx, c.filePatience)
	defer cancel()
	u, err := c.target(ctx, address)
	if err != nil {
		return err
	}
	for range fileHops + 1 {
		res, err := c.get(ctx, u, ask)
		if err != nil {
			return unreachable(fmt.Errorf("fetch the file %s: %w", u, err))
		}
		next, err := c.copyOrFollow(ctx, w, res, u, limit)
		if err != nil || next == nil {
			return err
		}
		u = next
	}
	return fault.New(fault.Unavailable, "the other server redirects too often")
}

func (c *Client) copyOrFollow(ctx context.Context, w io.Writer, res *http.Response, u *url.URL, limit int64) (next *url.URL, err error) {
	defer res.Body.Close()
	if location := res.Header.Get("Location"); isRedirect(res.StatusCode) && location != "" {
		return c.redirect(ctx, u, location)
	}
	if err := statusFault(res, c.now()); err != nil {
		return nil, err
	}
	tooLarge := fault.New(fault.Invalid, "the other server answers more than we read")
	if res.ContentLength > limit {
		return nil, tooLarge
	}
	n, err := io.Copy(w, io.LimitReader(res.Body, limit+1))
	switch {
	case n > limit:
		return nil, tooLarge
	case err != nil:
		return nil, unreachable(err)
	case ctx.Err() != nil: // the peer saw us leave and ended what it was saying
		return nil, unreachable(errors.Join(errors.New("the file is not whole"), ctx.Err()))
	}
	return nil, nil
}
