package server

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"passerelles/media"
	"passerelles/web"
)

// answer remembers what was answered, for the log and the counters.
type answer struct {
	http.ResponseWriter
	status int
	size   int
	crowd  *crowd // that goes on counting a connection which is handed over; nil: none does
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.size += n
	return n, err
}

// Hijack hands the connection over to a stream.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rest, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	a.status = http.StatusSwitchingProtocols
	if crowd := a.crowd; crowd != nil { // the rest of the answer is not kept
		return &handed{Conn: conn, ended: func() { crowd.ended(conn) }}, rest, nil
	}
	return conn, rest, nil
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// watch wraps the whole router (mux runs no middleware on a 404 or 405): it
// names the request, survives a panic, counts, and logs.
func (s *Server) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visitor(r)
		start := time.Now()
		a := &answer{ResponseWriter: w, crowd: s.crowd}
		id := requestID()
		a.Header().Set("X-Request-Id", id)
		secureHeaders(a.Header(), s.Config.Secure())
		defer func() {
			if cause := recover(); cause != nil {
				s.Log.Error("panic", "request", id, "path", web.Logged(r.URL.Path), "cause", cause, "stack", string(debug.Stack()))
				if a.status == 0 {
					http.Error(a, "an error of ours: it is logged", http.StatusInternalServerError)
				}
			}
			s.meters.request(door(r.URL.Path), a.status, time.Since(start))
			s.logRequest(r, a, id, time.Since(start))
		}()
		if !legible(r.URL) {
			http.Error(a, "this address holds what is not text", http.StatusBadRequest)
			return
		}
		next.ServeHTTP(a, r)
	})
}

// legible says whether an address is text that PostgreSQL can be asked for.
func legible(u *url.URL) bool {
	if !utf8.ValidString(u.Path) || strings.ContainsRune(u.Path, 0) {
		return false
	}
	for name, values := range u.Query() {
		if text := name + strings.Join(values, ""); !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return false
		}
	}
	return true
}

func (s *Server) logRequest(r *http.Request, a *answer, id string, took time.Duration) {
	level := slog.LevelDebug
	if a.status >= 500 && a.status != http.StatusServiceUnavailable {
		level = slog.LevelError
	}
	s.Log.Log(r.Context(), level, "request", "request", id, "method", r.Method, "path", web.Logged(r.URL.Path),
		"status", a.status, "size", a.size, "took", took)
}

func requestID() string {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "" // crypto/rand never fails on the systems we run on
	}
	return hex.EncodeToString(b[:])
}

// secureHeaders says what pages of ours may do: nothing from elsewhere, no
// script but ours, no frame around them.
func secureHeaders(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "+
		"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// door names the part of the site for the counters: few values, none chosen by
// whoever asks.
func door(path string) string {
	switch {
	case path == "/inbox" || strings.HasSuffix(path, "/inbox"):
		return "inbox"
	case strings.HasPrefix(path, "/.well-known/"), strings.HasPrefix(path, "/nodeinfo/"):
		return "discovery"
	case strings.HasPrefix(path, "/actors/"), strings.HasPrefix(path, "/activities/"):
		return "documents"
	case strings.HasPrefix(path, "/api/v1/streaming"):
		return "streams"
	case strings.HasPrefix(path, "/static/"):
		return "static"
	case strings.HasPrefix(path, media.Path), strings.HasPrefix(path, media.FilePath):
		return "media"
	}
	return "pages"
}
