package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"
)

// open answers everybody alike: with no session, what it shows may be kept by
// proxies, and cannot depend on who asks.
func (h *Handler) open(f action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := h.stranger(w, r)
		if err := f(v); err != nil {
			h.fail(v, err)
		}
	})
}

func encodeXML(document any) ([]byte, error) {
	body, err := xml.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("write %T: %w", document, err)
	}
	return append([]byte(xml.Header), body...), nil
}

// sendOpen writes what anybody may keep a minute; 304 to who has it already. It
// tells no Last-Modified: a deletion changes a list and makes nothing newer.
func sendOpen(v *visit, mediaType string, body []byte) {
	sum := sha256.Sum256(body)
	head := v.w.Header()
	head.Set("Content-Type", mediaType)
	head.Set("Cache-Control", "public, max-age=60")
	head.Set("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:12])+`"`)
	head.Set("X-Robots-Tag", "noindex") // search engines show the pages, not this
	http.ServeContent(v.w, v.r, "", time.Time{}, bytes.NewReader(body))
}
