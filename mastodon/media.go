package mastodon

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"passerelles/fault"
	"passerelles/media"
	"passerelles/posts"
)

var (
	errUsed  = fault.New(fault.Invalid, "Media attachment is currently used by a status")
	errFocus = fault.New(fault.Invalid, "Validation failed: Focus is two numbers between -1 and 1, with a comma between them")
)

func (h *Handler) mediaWays() []way {
	const one = "/api/v1/media/{id:[0-9]+}"
	return []way{
		{http.MethodPost, "/api/v1/media", aMember, "write:media", h.takeMedia},
		{http.MethodPost, "/api/v2/media", aMember, "write:media", h.takeMedia},
		{http.MethodGet, one, aMember, "write:media", h.waitingMedia},
		{http.MethodPut, one, aMember, "write:media", h.describeMedia},
		{http.MethodDelete, one, aMember, "write:media", h.dropMedia},
	}
}

// fileOf is a file as apps know it. What is no picture is of a type that they do not show, but for
// its address.
func (h *Handler) fileOf(f media.File, grant string) mediaItem {
	address := h.IRIs.Origin + f.Path() + grant
	item := mediaItem{ID: id(f.ID), Type: "unknown", URL: address, PreviewURL: address, Description: orNull(f.Alt),
		Blurhash: orNull(f.Blurhash), Meta: sizes(f.Width, f.Height)}
	if f.Picture() {
		item.Type = "image"
		item.Meta["focus"] = map[string]any{"x": f.FocusX, "y": f.FocusY}
	}
	return item
}

// waiting is a file that hangs on no post yet: its address opens for its owner alone.
func (h *Handler) waiting(c *call, f media.File) mediaItem {
	return h.fileOf(f, h.Media.GrantTo(c.reader(), f))
}

// waitingMedia is what apps ask for until the address is there, which it is at once.
func (h *Handler) waitingMedia(c *call) (any, error) {
	f, err := h.Media.FileOf(c.r.Context(), c.member().ID, c.path("id"))
	if err == nil && f.Post != 0 {
		err = errNone
	}
	if err != nil {
		return nil, err
	}
	return h.waiting(c, f), nil
}

// describeMedia says what a file shows before it hangs on a post.
func (h *Handler) describeMedia(c *call) (any, error) {
	said, err := described(c.path("id"), c.said())
	if err != nil {
		return nil, err
	}
	f, err := h.Media.Describe(c.r.Context(), c.member().ID, said)
	if err != nil {
		return nil, err
	}
	return h.waiting(c, f), nil
}

func (h *Handler) dropMedia(c *call) (any, error) {
	f, err := h.Media.FileOf(c.r.Context(), c.member().ID, c.path("id"))
	if err == nil && f.Post != 0 {
		err = errUsed
	}
	if err == nil {
		err = h.Media.Drop(c.r.Context(), c.member().ID, []int64{f.ID})
	}
	return struct{}{}, err
}

// described reads what is said of a file: what it shows, and which point is to be kept in sight.
func described(file int64, said map[string]string) (media.Attach, error) {
	a := media.Attach{ID: file}
	if alt, is := said["description"]; is {
		a.Alt = &alt
	}
	if focus := said["focus"]; focus != "" {
		at, err := focusOf(focus)
		if err != nil {
			return a, err
		}
		a.Focus = &at
	}
	return a, nil
}

// said gives each parameter once, the last of those that were sent twice.
func (c *call) said() map[string]string {
	said := map[string]string{}
	for name, values := range c.params {
		for _, value := range values {
			said[name] = value
		}
	}
	return said
}

func focusOf(text string) (media.Focus, error) {
	across, up, _ := strings.Cut(text, ",")
	x, wrongX := strconv.ParseFloat(strings.TrimSpace(across), 64)
	y, wrongY := strconv.ParseFloat(strings.TrimSpace(up), 64)
	if wrongX != nil || wrongY != nil || !(math.Abs(x) <= 1 && math.Abs(y) <= 1) { // neither is NaN
		return media.Focus{}, errFocus
	}
	return media.Focus{X: x, Y: y}, nil
}

// attached are the files that an app wants on a new post, each as it was described before.
func attached(c *call) (all []media.Attach) {
	for _, text := range c.params["media_ids"] {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			all = append(all, media.Attach{ID: n})
		} else if text != "" {
			all = append(all, media.Attach{}) // which is nobody's
		}
	}
	return all
}

// attachedAgain are the files that an app wants on a post from now on: those that it names. One that
// says nothing of files leaves them, where at Mastodon they would go: no app may lose what it does not know.
func attachedAgain(c *call, p posts.Post) ([]media.Attach, error) {
	rows := c.rows("media_attributes")
	_, said := c.params["media_ids"]
	if !said && len(rows) == 0 {
		return nil, nil
	}
	all := append([]media.Attach{}, attached(c)...) // not nil: none are wanted
	if !said {
		for _, f := range p.Files {
			all = append(all, media.Attach{ID: f.ID})
		}
	}
	for _, row := range rows {
		n, err := strconv.ParseInt(row["id"], 10, 64)
		at := slices.IndexFunc(all, func(a media.Attach) bool { return a.ID == n })
		if err != nil || at < 0 {
			continue
		}
		if all[at], err = described(n, row); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// aboutFiles names to an app those of the files that are not its member's to attach.
func (h *Handler) aboutFiles(c *call, wanted []media.Attach, err error) error {
	if !errors.Is(err, media.ErrLost) {
		return err
	}
	var lost []string
	for _, a := range wanted {
		f, failed := h.Media.FileOf(c.r.Context(), c.member().ID, a.ID)
		if failed != nil || f.Post != 0 && f.Post != c.path("id") && f.Post != boostID(c.path("id")) {
			lost = append(lost, id(a.ID))
		}
	}
	return fault.Wrap(fault.Invalid, fmt.Sprintf("Validation failed: Media %s not found or already attached to another post", strings.Join(lost, ", ")), err)
}
