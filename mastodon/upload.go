package mastodon

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"passerelles/fault"
	"passerelles/media"
	"passerelles/text"
)

const (
	mostFields   = 20 // beside the file
	longestField = 60 // characters of a field's name
)

var (
	errBlank = fault.New(fault.Invalid, "Validation failed: File can't be blank")
	errForm  = fault.New(fault.Invalid, "This request cannot be read.")
)

// read reads what an app sends: of a file nothing before its own action does.
func (h *Handler) read(w http.ResponseWriter, r *http.Request, way way) (url.Values, error) {
	file := way.method == http.MethodPost && (way.path == "/api/v1/media" || way.path == "/api/v2/media")
	if file || way.path == profilePath && withParts(r) {
		return addressParams(r), nil
	}
	return readParams(w, r)
}

func withParts(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// takeMedia keeps a file for a post that the member is about to write. It is done when it is answered.
func (h *Handler) takeMedia(c *call) (any, error) {
	if !withParts(c.r) {
		return nil, errBlank
	}
	if h.Media.Files.Post == 0 {
		return nil, fault.New(fault.Invalid, "Files are not taken here.")
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, largestBody+h.Media.Files.Size)
	if err := media.Patient(c.w); err != nil {
		return nil, err
	}
	f, err := h.takeParts(c)
	if err == nil {
		var said media.Attach
		if said, err = described(f.ID, c.said()); err == nil {
			f, err = h.Media.Describe(c.r.Context(), c.member().ID, said)
		}
	}
	if err != nil {
		h.takeBack(c, f)
		return nil, err
	}
	return h.waiting(c, f), nil
}

// takeBack lets go of what came with a form that came to nothing.
func (h *Handler) takeBack(c *call, f media.File) {
	if f.ID == 0 {
		return
	}
	if err := h.Media.Drop(context.WithoutCancel(c.r.Context()), c.member().ID, []int64{f.ID}); err != nil {
		h.Log.Warn("take a file back: it is swept", "error", err)
	}
}

// takeParts keeps the one file of a form as it comes, and reads what is said of it.
func (h *Handler) takeParts(c *call) (f media.File, err error) {
	parts, err := c.r.MultipartReader()
	if err != nil {
		return f, unread(err)
	}
	left := int64(largestBody)
	for fields := 0; ; fields++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, unread(err)
		}
		name := part.FormName()
		switch {
		case fields == mostFields || len(name) > longestField || name == "file" && f.ID != 0:
			return f, errForm
		case name == "file":
			f, err = h.takePart(c, part)
		case part.FileName() != "": // a thumbnail, which we make ourselves
			_, err = io.Copy(io.Discard, part)
			err = unread(err)
		default:
			left, err = c.readField(part, left)
		}
		if err != nil {
			return f, err
		}
	}
	if f.ID == 0 {
		err = errBlank
	}
	return f, err
}

func (h *Handler) takePart(c *call, part *multipart.Part) (media.File, error) {
	f, err := h.Media.Take(c.r.Context(), c.member().ID, text.Storable(part.FileName()), part)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		err = unread(large)
	}
	return f, err
}

func (c *call) readField(part *multipart.Part, left int64) (int64, error) {
	value, err := io.ReadAll(io.LimitReader(part, left+1))
	if err != nil {
		return left, unread(err)
	}
	if left -= int64(len(value)); left < 0 {
		return left, fault.New(fault.TooLarge, "This is more than a request can take.")
	}
	c.params.Set(plain(part.FormName()), text.Storable(string(value)))
	return left, nil
}

// unread says why a form did not come whole; nil for nil.
func unread(err error) error {
	if err == nil {
		return nil
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return fault.Wrap(fault.TooLarge, "This is more than a request can take.", err)
	}
	return fault.Wrap(fault.Invalid, fault.Message(errForm), err)
}
