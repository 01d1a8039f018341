package outbox

import (
	"context"
	"net"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a DNS server that answers as it is told; nil: not at all.
type names struct {
	conn  net.PacketConn
	hears chan<- bool // a question came

	mu    sync.Mutex
	reply func(*dnsmessage.Message)
}

func newNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{conn: conn}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.serve()
	}()
	t.Cleanup(func() {
		_ = conn.Close() // serve ends by it
		<-ended
	})
	return n
}

func (n *names) serve() {
	question := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(question)
		if err != nil {
			return
		}
		if n.hears != nil {
			n.hears <- true
		}
		n.mu.Lock()
		reply := n.reply
		n.mu.Unlock()
		var m dnsmessage.Message
		if reply == nil || m.Unpack(question[:size]) != nil {
			continue
		}
		m.Response, m.Additionals = true, nil
		reply(&m)
		if said, err := m.Pack(); err == nil {
			_, _ = n.conn.WriteTo(said, from) // the test sees the silence
		}
	}
}

func (n *names) say(reply func(*dnsmessage.Message)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.reply = reply
}

// at leads every name to an address.
func (n *names) at(address string) func(*dnsmessage.Message) {
	return func(m *dnsmessage.Message) {
		q := m.Questions[0]
		if q.Type != dnsmessage.TypeA {
			return
		}
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
			Body:   &dnsmessage.AResource{A: [4]byte(net.ParseIP(address).To4())},
		}}
	}
}

func (n *names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", n.conn.LocalAddr().String())
	}}
}
