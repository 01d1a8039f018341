package server

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"passerelles/pace"
	"sync"
	"syscall"
)

const (
	mostConnections = 10_000
	fileShare       = 3   // of the files that this process may open: the others are for the database, peers and pictures
	mostOfVisitor   = 500 // connections: a server that delivers much to us keeps a hundred
)

// crowd bounds the connections that visitors hold, so that nobody keeps others out by
// holding all that there are. A visitor who holds too many gets no more; when all together
// hold too many, the one that waits longest, idle or before its first word, makes room.
type crowd struct {
	most, mostOfOne int

	mu      sync.Mutex
	guests  map[net.Conn]*guest
	held    map[string]int // by visitor
	waiting *list.List     // of net.Conn, that which waits longest first
}

type guest struct {
	visitor string        // "" for who is not counted
	place   *list.Element // among those who wait, nil while it is served
}

func newCrowd() *crowd {
	return &crowd{most: room(), mostOfOne: mostOfVisitor, guests: map[net.Conn]*guest{}, held: map[string]int{}, waiting: list.New()}
}

// room is for how many connections there are files.
func room() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return mostConnections
	}
	return int(min(files.Cur/fileShare, mostConnections))
}

// changed is told by net/http what becomes of each connection.
func (c *crowd) changed(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.enter(conn)
	case http.StateIdle:
		c.wait(conn)
	case http.StateActive:
		c.serve(conn)
	case http.StateClosed:
		c.leave(conn)
	case http.StateHijacked:
		c.serve(conn) // it stays open, as a stream: handed tells when it ends
	}
}

// handed is a connection that net/http has handed over, and counts no more.
type handed struct {
	net.Conn
	ended func() // once, or oftener
}

// Close tells that it ends.
func (h *handed) Close() error {
	h.ended()
	return h.Conn.Close()
}

// ended is told that a connection is over which net/http had handed over.
func (c *crowd) ended(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.leave(conn)
}

func (c *crowd) enter(conn net.Conn) {
	g := &guest{visitor: visitorOf(conn)}
	c.guests[conn] = g
	c.held[g.visitor]++
	if g.visitor != "" && c.held[g.visitor] > c.mostOfOne {
		hangUp(conn)
		return
	}
	c.wait(conn)
	if len(c.guests) > c.most {
		hangUp(c.waiting.Front().Value.(net.Conn)) // at least this one waits
		c.waiting.Remove(c.waiting.Front())
	}
}

func (c *crowd) wait(conn net.Conn) {
	if g := c.guests[conn]; g != nil {
		g.place = c.waiting.PushBack(conn)
	}
}

func (c *crowd) serve(conn net.Conn) {
	if g := c.guests[conn]; g != nil && g.place != nil {
		c.waiting.Remove(g.place)
		g.place = nil
	}
}

func (c *crowd) leave(conn net.Conn) {
	g := c.guests[conn]
	if g == nil {
		return
	}
	c.serve(conn)
	delete(c.guests, conn)
	if c.held[g.visitor]--; c.held[g.visitor] == 0 {
		delete(c.held, g.visitor)
	}
}

// hangUp ends a connection without a word, which could take long. That it is over net/http
// tells soon.
func hangUp(conn net.Conn) {
	if over, ok := conn.(*tls.Conn); ok {
		conn = over.NetConn()
	}
	_ = conn.Close() // it is over, one way or the other
}

// visitorOf is whom a connection is counted for: nobody where it comes from a private
// network, since a proxy brings everybody.
func visitorOf(conn net.Conn) string {
	from, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return ""
	}
	if ip := from.Addr().Unmap(); ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() {
		return ""
	}
	return pace.Visitor(&http.Request{RemoteAddr: from.String()})
}
