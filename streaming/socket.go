package streaming

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"passerelles/fault"
)

const (
	silentFor   = 2*beatEach + 15*time.Second // and the app counts as gone
	longestWord = 4 << 10                     // bytes: of what an app asks for
	farewell    = time.Second
	protocol    = "Sec-WebSocket-Protocol"
)

// socket is a WebSocket (RFC 6455). One goroutine reads it; another writes while something waits, so that
// an idle one costs little.
type socket struct {
	conn *websocket.Conn
	line *Line

	mu      sync.Mutex
	writing bool
	closed  bool           // nobody is to begin anything
	work    sync.WaitGroup // those who write
}

// buffers serve whoever writes at the moment.
var buffers = &sync.Pool{}

// upgrader takes pages of every site: they hold a token, and browsers send no cookie that counts here.
var upgrader = websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 4 << 10, WriteBufferPool: buffers,
	CheckOrigin: func(*http.Request) bool { return true }}

// IsSocket says whether a request asks for a WebSocket.
func IsSocket(r *http.Request) bool { return websocket.IsWebSocketUpgrade(r) }

// Offered is the subprotocol that a request names, which is where browsers put their token.
func Offered(r *http.Request) string {
	offered := websocket.Subprotocols(r)
	if len(offered) == 0 {
		return ""
	}
	return offered[0]
}

// Socket answers a request with a WebSocket that hears what is asked for, then and later. It returns once that
// is open; Run waits for its end. Before it answered, an error is the caller's to tell.
func (s *Service) Socket(w http.ResponseWriter, r *http.Request, c Caller, first Ask) (answered bool, err error) {
	var f stream
	if first.Stream != "" {
		if f, err = s.find(r.Context(), c, first); err != nil {
			return false, err
		}
	}
	l, err := s.enter(r.Context(), c)
	if err != nil {
		return false, err
	}
	if first.Stream != "" {
		if err := l.add(f); err != nil {
			s.leave(l)
			return false, err
		}
	}
	head := http.Header{"X-Request-Id": w.Header()["X-Request-Id"]}
	if offered := Offered(r); offered != "" {
		head.Set(protocol, offered) // or browsers would hang up
	}
	conn, err := upgrader.Upgrade(hijacker{w}, r, head)
	if err != nil {
		s.leave(l)
		return true, err // it is answered
	}
	t := &socket{conn: conn, line: l}
	if !l.attach(t) {
		t.part(closing)
	}
	go s.converse(t)
	return true, nil
}

// converse reads what else an app asks for, until it is gone or the line ends.
func (s *Service) converse(t *socket) {
	defer s.leave(t.line)
	s.read(t)
	t.line.end("")
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	_ = t.conn.Close() // it may be over already
	t.work.Wait()
}

func (s *Service) read(t *socket) {
	t.conn.SetReadLimit(longestWord)
	alive := func(string) error { return t.conn.SetReadDeadline(time.Now().Add(silentFor)) }
	t.conn.SetPongHandler(alive)
	for alive("") == nil {
		_, text, err := t.conn.ReadMessage()
		if err != nil {
			return // it is gone, or said that it goes
		}
		ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
		err = s.asked(ctx, t.line, text)
		cancel()
		if err != nil {
			t.line.push(refusal(err))
		}
	}
}

// begin starts work of the socket's, unless it is closed.
func (t *socket) begin(work func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.work.Go(work)
	}
}

func (t *socket) wake() {
	t.mu.Lock()
	idle := !t.writing && !t.closed
	t.writing = true
	t.mu.Unlock()
	if idle {
		t.begin(t.write)
	}
}

// write writes what waits, until nothing does.
func (t *socket) write() {
	for {
		t.mu.Lock()
		all, ended := t.line.take()
		t.writing = len(all) > 0
		t.mu.Unlock()
		if len(all) == 0 || ended {
			return
		}
		for _, f := range all {
			if err := t.send(f); err != nil {
				t.line.end("")
				return
			}
			if t.line.over() {
				return
			}
		}
	}
}

// asked has a line hear another stream, or one less.
func (s *Service) asked(ctx context.Context, l *Line, text []byte) error {
	var word struct {
		Type string `json:"type"`
		Ask
	}
	if err := json.Unmarshal(text, &word); err != nil {
		return fault.New(fault.Invalid, "This cannot be read.")
	}
	f, err := s.find(ctx, l.Caller, word.Ask)
	switch {
	case err != nil:
		return err
	case word.Type == "subscribe":
		return l.add(f)
	case word.Type == "unsubscribe":
		l.drop(f)
		return nil
	}
	return fault.New(fault.Invalid, "One subscribes or unsubscribes.")
}

// refusal tells why an app does not hear what it asked for.
func refusal(err error) *Frame {
	said := fault.Message(err)
	if said == "" {
		said = "There was an error of ours."
	}
	return &Frame{Payload: said, socket: func() (*websocket.PreparedMessage, error) {
		text, err := json.Marshal(map[string]any{"error": said, "status": fault.KindOf(err).Status()})
		if err != nil {
			return nil, err
		}
		return websocket.NewPreparedMessage(websocket.TextMessage, text)
	}}
}

func (t *socket) send(f *Frame) error {
	until := time.Now().Add(writeWithin)
	if f == beat {
		return t.conn.WriteControl(websocket.PingMessage, nil, until)
	}
	if err := t.conn.SetWriteDeadline(until); err != nil {
		return err
	}
	text, err := f.socket()
	if err != nil {
		return err
	}
	return t.conn.WritePreparedMessage(text)
}

// part says why and hangs up; whoever is writing is given as long.
func (t *socket) part(why string) {
	until := time.Now().Add(farewell)
	_ = t.conn.NetConn().SetWriteDeadline(until) // it is over, one way or the other
	t.begin(func() {
		if code := codes[why]; code != 0 {
			_ = t.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), until) // who is gone does not hear it
		}
		_ = t.conn.Close()
	})
}

// codes are those of the reasons for which a line ends (RFC 6455, 7.4.1).
var codes = map[string]int{closing: websocket.CloseGoingAway, refused: websocket.ClosePolicyViolation, slow: websocket.ClosePolicyViolation}

// hijacker hands a connection over, however its answer is wrapped.
type hijacker struct{ http.ResponseWriter }

// Hijack gives the connection.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}
