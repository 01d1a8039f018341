package streaming

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
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
		said := map[string]any{"stream": stream, "event": event, "payload": payload}
		if event == filtersChanged { // as Mastodon has it; in server-sent events, libraries want JSON all the same
			delete(said, "payload")
		}
		text, err := json.Marshal(said)
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
	number int // in the order in which they came

	mu      sync.Mutex
	carrier transport // nil: not yet
	streams map[string]stream
	waiting []*Frame
	bytes   int
	ended   bool
}

// transport carries frames to one app.
type transport interface {
	// wake says that something waits; it waits for nothing itself.
	wake()
	// part ends it, soon, and says why if something is to be said; likewise.
	part(why string)
}

// attach gives a line what carries it.
func (l *Line) attach(t transport) (open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.carrier = t
	return !l.ended
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
	carrier := l.carrier
	if carrier == nil || l.ended {
		l.mu.Unlock()
		return
	}
	full := len(l.waiting) >= mostWaiting || l.bytes > mostBytes
	if !full {
		l.waiting = append(l.waiting, f)
		l.bytes += len(f.Payload)
	}
	l.mu.Unlock()
	if full {
		l.end(slow)
		return
	}
	carrier.wake()
}

// take gives what waits; ended says that it is over.
func (l *Line) take() (all []*Frame, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	all = l.waiting
	l.waiting, l.bytes = nil, 0
	return all, l.ended
}

// over says whether a line has ended.
func (l *Line) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// end ends a line, whatever is being written.
func (l *Line) end(why string) {
	l.mu.Lock()
	first, carrier := !l.ended, l.carrier
	l.ended, l.waiting = true, nil
	l.mu.Unlock()
	if first && carrier != nil {
		carrier.part(why)
	}
}
