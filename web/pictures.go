package web

import (
	"encoding/base64"
	"html/template"
	"net/http"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/media"
	"passerelles/posts"
)

const (
	// A picture that everybody sees may be kept an hour: so long it outlives its deletion.
	keepPublic  = "public, max-age=3600"
	keepPrivate = "private, no-store"
)

// avatar is our address of the picture of somebody, "" for none.
func (h *Handler) avatar(a actors.Actor) string {
	if a.Local() {
		return h.portraitPath(a)
	}
	return h.actorPicture(a, media.Avatar, a.Icon)
}

func (h *Handler) banner(a actors.Actor) string { return h.actorPicture(a, media.Banner, a.Banner) }

func (h *Handler) actorPicture(a actors.Actor, kind media.Kind, url string) string {
	if a.Local() || url == "" {
		return ""
	}
	return h.Media.Address(media.Ref{Kind: kind, Owner: int64(a.ID)}, url)
}

// blur is the address of what stands in a picture's place until it is there: the few
// points themselves. "" if nobody told, and we have not seen it yet.
func blur(hash string) template.URL {
	points := media.Blur(hash)
	if points == nil {
		return ""
	}
	return template.URL("data:image/bmp;base64," + base64.StdEncoding.EncodeToString(points))
}

func (h *Handler) pictureAddress(p posts.Picture) string { return h.Media.Address(p.Ref(), p.URL) }

// picture shows our copy of a picture of another server, to those who see what it
// hangs on. Who asks is looked up only if it matters, so that what is public may be
// kept by anybody.
func (h *Handler) picture(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", keepPrivate)
	src, err := h.Media.Find(r.Context(), pathVar(r, "signature"), pathVar(r, "picture"))
	if err != nil {
		h.noPicture(w, r, err)
		return
	}
	public, err := h.Media.Sees(r.Context(), access.Reader{}, src)
	switch {
	case err != nil:
		h.noPicture(w, r, err)
	case public:
		h.sendPicture(w, r, src, keepPublic)
	default:
		h.sessions.LoadAndSave(h.privatePicture(src)).ServeHTTP(w, r)
	}
}

func (h *Handler) privatePicture(src media.Source) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := h.visitOf(w, r)
		sees := false
		if err == nil {
			sees, err = h.Media.Sees(r.Context(), v.reader(), src)
		}
		if err == nil && !sees {
			err = fault.New(fault.NotFound, "There is nothing at this address.")
		}
		if err != nil {
			h.noPicture(w, r, err)
			return
		}
		h.sendPicture(w, r, src, keepPrivate)
	}
}

func (h *Handler) sendPicture(w http.ResponseWriter, r *http.Request, src media.Source, keep string) {
	c, err := h.Media.Open(r.Context(), src)
	if err != nil {
		h.noPicture(w, r, err)
		return
	}
	defer c.Close()
	head := w.Header()
	media.LockUp(head)
	head.Set("Content-Type", c.Type)
	head.Set("Content-Disposition", `inline; filename="picture"`)
	head.Set("Cache-Control", keep)
	head.Set("ETag", `"`+c.Hash+`"`)
	http.ServeContent(w, r, "", time.Time{}, c)
}

// noPicture answers in a word: nobody reads a page in the place of a picture.
func (h *Handler) noPicture(w http.ResponseWriter, r *http.Request, err error) {
	kind := h.weigh(&visit{w: w, r: r}, err)
	media.LockUp(w.Header())
	w.Header().Set("Vary", "Cookie, Authorization") // whether or not they were looked at
	http.Error(w, http.StatusText(kind.Status()), kind.Status())
}
