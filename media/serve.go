package media

import (
	"errors"
	"net/http"
	"time"
)

const sendFor = 10 * time.Minute // a file to a reader with a slow line

// Served says how a file is given.
type Served struct {
	Keep     string // Cache-Control
	Anywhere bool   // pages of other sites may show it
}

// Serve sends the bytes of a file to a reader who may have them. Nothing of it runs: neither
// here nor in the browser.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, f File, how Served) error {
	content, err := s.OpenFile(f)
	if err != nil {
		return err
	}
	defer content.Close()
	err = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendFor))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	head := w.Header()
	LockUp(head)
	if how.Anywhere {
		head.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	head.Set("Content-Type", f.Type)
	head.Set("Content-Disposition", f.Disposition())
	head.Set("Cache-Control", how.Keep)
	head.Set("ETag", `"`+f.Sum+`"`)
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// LockUp has browsers take a file for nothing but itself.
func LockUp(head http.Header) {
	head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Robots-Tag", "noindex")
}
