package streaming

import (
	"context"
	"net/http"
	"time"
)

// events are server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
type events struct {
	w    http.ResponseWriter
	conn *http.ResponseController
}

// Events answers a request with a stream, until either side ends it. An error before its first byte is
// the caller's to answer; answered tells.
func (s *Service) Events(w http.ResponseWriter, r *http.Request, c Caller, a Ask) (answered bool, err error) {
	f, err := s.find(r.Context(), c, a)
	if err != nil {
		return false, err
	}
	l, err := s.enter(r.Context(), c)
	if err != nil {
		return false, err
	}
	defer s.leave(l)
	carrier := &events{w, http.NewResponseController(w)}
	l.attach(carrier)
	if err := l.add(f); err != nil {
		return false, err
	}
	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "private, no-store")
	head.Set("X-Accel-Buffering", "no") // a proxy is to hand on what it has
	w.WriteHeader(http.StatusOK)
	l.push(beat) // which shows that it begins
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	return true, l.write(ctx, carrier)
}

func (e *events) send(f *Frame) error {
	_ = e.conn.SetReadDeadline(time.Time{}) // the server's own limits are for short answers; where there are none there is nothing to lift
	if err := e.conn.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
		return err
	}
	text := []byte(":thump\n") // an empty line after it would be an empty event to Mastodon.py
	if f != beat {
		text = f.events()
	}
	if _, err := e.w.Write(text); err != nil {
		return err
	}
	return e.conn.Flush()
}

// bye says nothing: that it ends is all that there is to say.
func (e *events) bye(string) {}

func (e *events) cut() { _ = e.conn.SetWriteDeadline(time.Now().Add(farewell)) } // it is over, one way or the other
