package streaming

import (
	"context"
	"net/http"
	"time"
)

// events are server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
type events struct {
	w     http.ResponseWriter
	conn  *http.ResponseController
	ready chan struct{}
	over  context.CancelFunc
}

// Events answers a request with a stream, until either side ends it. Before it answered, an error is the
// caller's to tell.
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
	if err := l.add(f); err != nil {
		return false, err
	}
	ctx, over := context.WithCancel(r.Context())
	defer over()
	e := &events{w, http.NewResponseController(w), make(chan struct{}, 1), over}
	if !l.attach(e) {
		return false, errClosing
	}
	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "private, no-store")
	head.Set("X-Accel-Buffering", "no") // a proxy is to hand on what it has
	w.WriteHeader(http.StatusOK)
	l.push(beat) // which shows that it begins
	return true, e.write(ctx, l)
}

// write writes what waits until the line ends.
func (e *events) write(ctx context.Context, l *Line) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.ready:
		}
		all, _ := l.take()
		for _, f := range all {
			if err := e.send(f); err != nil || l.over() {
				return err
			}
		}
	}
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

func (e *events) wake() {
	select {
	case e.ready <- struct{}{}:
	default:
	}
}

// part says nothing: that it ends is all that there is to say.
func (e *events) part(string) {
	_ = e.conn.SetWriteDeadline(time.Now().Add(farewell)) // it is over, one way or the other
	e.over()
}
