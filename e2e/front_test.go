package e2e

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// front stands before several processes as a proxy does: each connection goes to
// the next of those that answer.
type front struct {
	listener net.Listener
	behind   []string
	wg       sync.WaitGroup
	mu       sync.Mutex
	turn     int
	open     map[net.Conn]bool
}

func newFront(t *testing.T, address string, behind ...string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{listener: listener, behind: behind, open: map[net.Conn]bool{}}
	f.wg.Go(f.accept)
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		f.mu.Lock()
		for conn := range f.open {
			_ = conn.Close() // it may have ended
		}
		f.mu.Unlock()
		f.wg.Wait()
	})
}

func (f *front) accept() {
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.wg.Go(func() { f.pass(conn) })
	}
}

// pass copies both ways until either side ends.
func (f *front) pass(conn net.Conn) {
	to, err := f.dial()
	if err != nil {
		_ = conn.Close() // nobody answers: who asks sees it
		return
	}
	f.keep(conn, to)
	var wg sync.WaitGroup
	for _, way := range [][2]net.Conn{{to, conn}, {conn, to}} {
		wg.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // either end may be cut
			_ = way[0].Close()
		})
	}
	wg.Wait()
}

func (f *front) keep(conns ...net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range conns {
		f.open[c] = true
	}
}

func (f *front) dial() (conn net.Conn, err error) {
	err = errors.New("nobody is behind")
	for range f.behind {
		f.mu.Lock()
		to := f.behind[f.turn%len(f.behind)]
		f.turn++
		f.mu.Unlock()
		if conn, err = net.Dial("tcp", to); err == nil {
			return conn, nil
		}
	}
	return nil, err
}
