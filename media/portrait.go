package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

// PortraitPath is where the addresses of portraits begin.
const PortraitPath = "/portraits/"

const (
	portraitSide    = 400     // points: nowhere is one shown larger
	largestPortrait = 1 << 20 // bytes
)

// Portrait is the picture that a person or a community of ours shows of itself.
type Portrait struct {
	ID      int64
	Actor   actors.ID
	Type    string
	Sum     string // SHA-256, in hexadecimal
	Content []byte
	At      time.Time
}

// Path is where the portrait is found on this server by who may know of its actor.
func (p Portrait) Path() string { return PortraitPath + strconv.FormatInt(p.ID, 10) + endings[p.Type] }

// Portray makes a portrait of a picture that somebody took: small, and with nothing but what is
// seen. SetPortrait keeps it.
func (s *Service) Portray(ctx context.Context, f File) (Portrait, error) {
	if !f.Picture() {
		return Portrait{}, fault.New(fault.Invalid, "Choose a picture: JPEG, PNG, GIF or WebP.")
	}
	file, err := s.OpenFile(f)
	if err != nil {
		return Portrait{}, err
	}
	defer file.Close()
	m, err := s.remake(ctx, file, portraitSide, func() error { return nil })
	if err != nil {
		return Portrait{}, s.told(err)
	}
	if len(m.content) > largestPortrait {
		return Portrait{}, errTooLarge
	}
	sum := sha256.Sum256(m.content)
	return Portrait{ID: storage.NewID(s.Now()), Type: m.mediaType, Sum: hex.EncodeToString(sum[:]), Content: m.content, At: s.Now()}, nil
}

// SetPortrait keeps the portrait of an actor of ours, in the place of another; nil: none.
func (s *Service) SetPortrait(ctx context.Context, tx storage.Tx, actor actors.ID, p *Portrait) error {
	if err := deletePortrait(ctx, tx, actor); err != nil || p == nil {
		return err
	}
	p.Actor = actor
	return insertPortrait(ctx, tx, *p)
}

// PortraitByPath finds a portrait by the last part of its address: fault.NotFound for want of one.
func (s *Service) PortraitByPath(ctx context.Context, last string) (Portrait, error) {
	digits, ending, _ := strings.Cut(last, ".")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 {
		return Portrait{}, errNothing
	}
	p, err := portraitByID(ctx, s.DB, id)
	if err == nil && (strconv.FormatInt(id, 10) != digits || "."+ending != endings[p.Type]) { // one address, one spelling
		return Portrait{}, errNothing
	}
	return p, err
}

// ServePortrait sends a portrait to a reader who may have it.
func ServePortrait(w http.ResponseWriter, r *http.Request, p Portrait, how Served) {
	head := w.Header()
	LockUp(head)
	if how.Anywhere {
		head.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	head.Set("Content-Type", p.Type)
	head.Set("Content-Disposition", "inline")
	head.Set("Cache-Control", how.Keep)
	head.Set("ETag", `"`+p.Sum+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(p.Content))
}
