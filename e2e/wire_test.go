package e2e

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wire carries what is said between two programs until a story cuts it, slows it
// or lets nothing through. It is ours, for the kernel's own means are not everywhere.
type wire struct {
	network, address string // whom callers reach
	listener         net.Listener
	ends             sync.WaitGroup

	passing sync.RWMutex // held for writing while nothing passes
	delay   atomic.Int64 // nanoseconds before each piece passes

	mu    sync.Mutex
	shut  bool
	open  map[net.Conn]bool
	heard func(piece []byte) verdict // sees what callers say; may be nil
}

// verdict is what becomes of a piece that a caller says.
type verdict int

const (
	goesOn verdict = iota
	isLost         // and its connection with it
	isLast         // it arrives, and no answer comes back
)

// newWire listens at one place and carries to another.
func newWire(t *testing.T, network, from, to string) *wire {
	t.Helper()
	listener, err := net.Listen(network, from)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{network: network, address: to, listener: listener, open: map[net.Conn]bool{}}
	w.ends.Go(w.accept)
	t.Cleanup(func() {
		_ = listener.Close() // accept ends by it
		w.mu.Lock()
		w.shut = true
		w.mu.Unlock()
		w.cut()
		w.ends.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		caller, err := w.listener.Accept()
		if err != nil {
			return
		}
		callee, err := net.DialTimeout(w.network, w.address, patience)
		if err != nil {
			_ = caller.Close() // as if nobody were there
			continue
		}
		if !w.keep(caller, callee) {
			continue
		}
		w.ends.Go(func() { w.carry(callee, caller, w.listen) })
		w.ends.Go(func() { w.carry(caller, callee, nil) })
	}
}

// keep remembers both ends, to cut them.
func (w *wire) keep(both ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, end := range both {
		if w.shut {
			_ = end.Close() // nothing was said on it
		} else {
			w.open[end] = true
		}
	}
	return !w.shut
}

// carry passes pieces on until either end is closed.
func (w *wire) carry(to, from net.Conn, judge func([]byte) verdict) {
	defer w.end(to)
	defer w.end(from)
	piece := make([]byte, 64<<10)
	for {
		n, err := from.Read(piece)
		if n > 0 && !w.pass(to, piece[:n], judge) || err != nil {
			return
		}
	}
}

func (w *wire) pass(to net.Conn, piece []byte, judge func([]byte) verdict) bool {
	time.Sleep(time.Duration(w.delay.Load()))
	w.passing.RLock()
	defer w.passing.RUnlock()
	v := goesOn
	if judge != nil {
		v = judge(piece)
	}
	if v == isLost {
		return false
	}
	_, err := to.Write(piece)
	return v == goesOn && err == nil
}

func (w *wire) listen(piece []byte) verdict {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.heard == nil {
		return goesOn
	}
	return w.heard(piece)
}

// judge lets a story see, and end, what callers say; nil stops that.
func (w *wire) judge(heard func(piece []byte) verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard = heard
}

func (w *wire) end(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
	_ = c.Close() // the other side sees it
}

// cut breaks every connection; new ones are let in.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		_ = c.Close() // its carrier ends by it
	}
}

// hang lets nothing through, both ways, and breaks nothing, until the answer is called.
func (w *wire) hang() (goOn func()) {
	w.passing.Lock()
	return sync.OnceFunc(w.passing.Unlock)
}
