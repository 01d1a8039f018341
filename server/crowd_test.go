package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// crossroads takes connections of this machine as if they came from far away.
type crossroads struct {
	net.Listener
	from func(n int64) net.Addr
	n    atomic.Int64
}

type traveller struct {
	net.Conn
	from net.Addr
}

func (t traveller) RemoteAddr() net.Addr { return t.from }

func (c *crossroads) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return traveller{conn, c.from(c.n.Add(1))}, nil
}

// open has the server answer where visitors come from as told, until the test ends.
func (s *site) open(t *testing.T, from func(n int64) net.Addr) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.answerOn(ctx, &crossroads{Listener: listener, from: from}, s.Handler()) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// talk is a connection that is kept open.
type talk struct {
	net.Conn
	read *bufio.Reader
}

func call(t *testing.T, address string) talk {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // nothing is in it
	return talk{conn, bufio.NewReader(conn)}
}

// asks gives the status, 0 where the server has hung up.
func (c talk) asks(path string) int {
	if _, err := io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: here\r\n\r\n"); err != nil {
		return 0
	}
	res, err := http.ReadResponse(c.read, nil)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0
	}
	return res.StatusCode
}

func from(ip string) net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(ip), 4711))
}

// moreFiles lets this process open as many files as it may, and says how many.
func moreFiles(t *testing.T) int {
	t.Helper()
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	files.Cur = files.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	return int(files.Cur)
}

func TestConnectionsWithoutEnd(t *testing.T) {
	files := moreFiles(t)
	s := newSite(t)
	t.Run("of many visitors, the longest idle makes room", func(t *testing.T) {
		address := s.open(t, func(n int64) net.Addr { return from(fmt.Sprintf("2a00:%x::1", n/100+1)) })
		many := room() + room()/4
		if 2*many > files {
			t.Fatalf("%d connections take more than %d files", many, files)
		}
		silent, first := call(t, address), call(t, address)
		if got := first.asks("/healthz"); got != http.StatusOK {
			t.Fatalf("the first: %d", got)
		}
		for range many {
			if got := call(t, address).asks("/healthz"); got != http.StatusOK {
				t.Fatalf("a new one is answered %d", got)
			}
		}
		for name, c := range map[string]talk{"idle": first, "silent": silent} {
			if got := c.asks("/healthz"); got != 0 {
				t.Errorf("who was %s longest is answered %d, want that room was made", name, got)
			}
		}
		last := call(t, address)
		for got := 0; got != http.StatusOK; { // a busy PostgreSQL may answer late
			if got = last.asks("/readyz"); got == 0 {
				t.Fatal("it does not say whether it is ready")
			}
		}
	})
	t.Run("of one visitor no more than some", func(t *testing.T) {
		address := s.open(t, func(n int64) net.Addr {
			if n == mostOfVisitor+2 {
				return from("2001:4860:0:1::1")
			}
			return from(fmt.Sprintf("2001:4860::%x", n)) // one household
		})
		var all []talk
		for range mostOfVisitor {
			c := call(t, address)
			if got := c.asks("/healthz"); got != http.StatusOK {
				t.Fatalf("one that may be: %d", got)
			}
			all = append(all, c)
		}
		if got := call(t, address).asks("/healthz"); got != 0 {
			t.Errorf("one more: %d, want that it is hung up on", got)
		}
		if got := call(t, address).asks("/healthz"); got != http.StatusOK {
			t.Errorf("the neighbour: %d, want 200", got)
		}
		if got := all[0].asks("/healthz"); got != http.StatusOK {
			t.Errorf("the first that it held: %d, want 200", got)
		}
		_ = all[0].Close() // to make room
		for again := 0; again != http.StatusOK; again = call(t, address).asks("/healthz") {
			time.Sleep(10 * time.Millisecond) // until the server has seen it go
		}
	})
	t.Run("a proxy brings everybody", func(t *testing.T) {
		for _, proxy := range []string{"127.0.0.1", "::1", "172.17.0.1", "::ffff:10.0.0.1", "fd00::1"} {
			address := s.open(t, func(int64) net.Addr { return from(proxy) })
			for range mostOfVisitor + 1 {
				call(t, address)
			}
			if got := call(t, address).asks("/healthz"); got != http.StatusOK {
				t.Errorf("by %s: %d, want 200", proxy, got)
			}
		}
	})
}
