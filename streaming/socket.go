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
	"golang.org/x/sync/errgroup"

	"passerelles/fault"
)

const (
	silentFor   = 2*beatEach + 15*time.Second // and the app counts as gone
	longestWord = 4 << 10                     // bytes: of what an app asks for
	farewell    = time.Second
	protocol    = "Sec-WebSocket-Protocol"
)

// socket is a WebSocket (RFC 6455).
type socket struct{ conn *websocket.Conn }

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

// Socket answers a request with a WebSocket that hears what is asked for, then and later. An error before
// its first byte is the caller's to answer; answered tells.
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
	defer s.leave(l)
	head := http.Header{"X-Request-Id": w.Header()["X-Request-Id"]}
	if offered := Offered(r); offered != "" {
		head.Set(protocol, offered) // or browsers would hang up
	}
	conn, err := upgrader.Upgrade(hijacker{w}, r, head)
	if err != nil {
		return true, err // it is answered
	}
	defer conn.Close()
	l.attach(&socket{conn})
	if first.Stream != "" {
		if err := l.add(f); err != nil {
			return true, err
		}
	}
	return true, s.converse(context.WithoutCancel(r.Context()), l, conn)
}

// converse writes to an app and reads what else it asks for, until either ends.
func (s *Service) converse(ctx context.Context, l *Line, conn *websocket.Conn) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer conn.Close() // so that the reader ends
		return l.write(ctx, &socket{conn})
	})
	err := s.read(ctx, l, conn)
	l.end("")
	return whichever(group.Wait(), err)
}

// read reads until the app is gone.
func (s *Service) read(ctx context.Context, l *Line, conn *websocket.Conn) error {
	conn.SetReadLimit(longestWord)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(silentFor)) }
	conn.SetPongHandler(alive)
	if err := alive(""); err != nil {
		return err
	}
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return nil // it is gone, or said that it goes
		}
		if err := alive(""); err != nil {
			return err
		}
		if err := s.asked(ctx, l, text); err != nil {
			l.push(refusal(err))
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

func (c *socket) send(f *Frame) error {
	until := time.Now().Add(writeWithin)
	if f == beat {
		return c.conn.WriteControl(websocket.PingMessage, nil, until)
	}
	if err := c.conn.SetWriteDeadline(until); err != nil {
		return err
	}
	text, err := f.socket()
	if err != nil {
		return err
	}
	return c.conn.WritePreparedMessage(text)
}

func (c *socket) bye(why string) {
	code := websocket.ClosePolicyViolation
	switch why {
	case "":
		return // the app went
	case closing:
		code = websocket.CloseGoingAway
	}
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(farewell)) // who is gone does not hear it
}

func (c *socket) cut() { _ = c.conn.NetConn().SetWriteDeadline(time.Now().Add(farewell)) } // it is over, one way or the other

// hijacker hands a connection over, however its answer is wrapped.
type hijacker struct{ http.ResponseWriter }

// Hijack gives the connection.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}
