package streaming

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"passerelles/fault"
)

// Bounds of what waits for one reader: who is slower is cut off, and comes back by itself.
const (
	mostWaiting = 256     // frames
	mostBytes   = 1 << 20 // of them
	writeWithin = 10 * time.Second
)

// Frame is one word to an app.
type Frame struct {
	Stream  []string
	Event   string
	Payload string // JSON, or a bare id

	socket func() (*websocket.PreparedMessage, error)
	events func() []byte
}

// newFrame makes a frame that is written once, for however many it is.
func newFrame(stream []string, event, payload string) *Frame {
	f := &Frame{Stream: stream, Event: event, Payload: payload}
	f.socket = sync.OnceValues(func() (*websocket.PreparedMessage, error) {
		text, err := json.Marshal(map[string]any{"stream": stream, "event": event, "payload": payload})
		if err != nil {
			return nil, err
		}
		return websocket.NewPreparedMessage(websocket.TextMessage, text)
	})
	f.events = sync.OnceValue(func() []byte {
		return []byte("event: " + event + "\ndata: " + strings.ReplaceAll(payload, "\n", "\ndata: ") + "\n\n")
	})
	return f
}

// beat is the frame that only shows that both sides are still there.
var beat = &Frame{}

// Line is one open connection.
type Line struct {
	Caller

	mu      sync.Mutex
	carrier transport // nil: not yet
	streams map[string]stream
	waiting []*Frame
	bytes   int
	ready   chan struct{} // something waits
	over    chan struct{} // closed at the end
	ended   bool
	why     string // what the app is told at the end
}

// transport carries frames to one app.
type transport interface {
	// send writes a frame, within writeWithin.
	send(f *Frame) error
	// bye says why it ends.
	bye(why string)
	// cut ends what is being written, soon; it waits for nothing.
	cut()
}

// add has a line hear a stream.
func (l *Line) add(f stream) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, there := l.streams[f.key()]; !there && len(l.streams) >= mostStreams {
		return errStreams
	}
	l.streams[f.key()] = f
	return nil
}

func (l *Line) drop(f stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.streams, f.key())
}

// hears gives the streams of a line.
func (l *Line) hears() []stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]stream, 0, len(l.streams))
	for _, f := range l.streams {
		all = append(all, f)
	}
	return all
}

// push has a frame wait for its turn; nobody waits for the line.
func (l *Line) push(f *Frame) {
	l.mu.Lock()
	full := len(l.waiting) >= mostWaiting || l.bytes > mostBytes
	if !l.ended && !full {
		l.waiting = append(l.waiting, f)
		l.bytes += len(f.Payload)
	}
	l.mu.Unlock()
	if full {
		l.end("too slow")
		return
	}
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// take gives what waits.
func (l *Line) take() []*Frame {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.waiting
	l.waiting, l.bytes = nil, 0
	return all
}

// end ends a line, whatever is being written.
func (l *Line) end(why string) {
	l.mu.Lock()
	first := !l.ended
	if first {
		l.ended, l.why, l.waiting = true, why, nil
		close(l.over)
	}
	carrier := l.carrier
	l.mu.Unlock()
	if first && carrier != nil {
		carrier.cut()
	}
}

// attach gives a line what carries it.
func (l *Line) attach(t transport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.carrier = t
}

func (l *Line) told() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.why
}

// write writes what waits until the line ends.
func (l *Line) write(ctx context.Context, to transport) error {
	for {
		for _, f := range l.take() {
			select {
			case <-l.over:
				to.bye(l.told())
				return nil
			default:
			}
			if err := to.send(f); err != nil {
				return fault.Wrap(fault.Unavailable, "The connection is over.", err)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.over:
			to.bye(l.told())
			return nil
		case <-l.ready:
		}
	}
}
