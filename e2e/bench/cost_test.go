package bench

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// strength is what the machine can sign: by the clock, and by processor time,
// which is the same however busy the machine is.
type strength struct{ clock, processor float64 }

var yardstick = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// measureR signs for a while on all processors. Nothing else of this process
// may work meanwhile.
func measureR(t testing.TB, d time.Duration) strength {
	t.Helper()
	key, err := yardstick()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("R"))
	var n atomic.Int64
	var wg sync.WaitGroup
	begun, used := time.Now(), ticksOf(os.Getpid())
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for time.Since(begun) < d {
				if _, err := key.Sign(rand.Reader, sum[:], crypto.SHA256); err != nil {
					t.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	took, spent := time.Since(begun), ticksOf(os.Getpid())-used
	return strength{
		clock:     float64(n.Load()) / took.Seconds(),
		processor: float64(n.Load()) / spent.Seconds() * float64(runtime.GOMAXPROCS(0)),
	}
}

func mean(all ...strength) (m strength) {
	for _, s := range all {
		m.clock += s.clock / float64(len(all))
		m.processor += s.processor / float64(len(all))
	}
	return m
}

// ledger is the processor time of each part, in all.
type ledger struct{ here, server, postgres, redis time.Duration }

func (l ledger) minus(o ledger) ledger {
	return ledger{l.here - o.here, l.server - o.server, l.postgres - o.postgres, l.redis - o.redis}
}

func (l ledger) plus(o ledger) ledger {
	return ledger{l.here + o.here, l.server + o.server, l.postgres + o.postgres, l.redis + o.redis}
}

func (l ledger) sum() time.Duration { return l.here + l.server + l.postgres + l.redis }

// each shares the time among n things.
func (l ledger) each(n int) string {
	µs := func(d time.Duration) int64 { return d.Microseconds() / int64(max(n, 1)) }
	return fmt.Sprintf("%d µs: server %d, PostgreSQL %d, Redis %d, the others and the load %d",
		µs(l.sum()), µs(l.server), µs(l.postgres), µs(l.redis), µs(l.here))
}

// could is how many things a second both processors could do at this cost.
func (l ledger) could(n int) float64 {
	return float64(n) / l.sum().Seconds() * float64(runtime.GOMAXPROCS(0))
}

func (h *house) ledger() ledger {
	return ledger{here: ticksOf(os.Getpid()), server: ticksOf(h.served.Process.Pid), postgres: ticksOfTree(h.postgres), redis: ticksOf(h.redis)}
}

// ticksOf is the processor time of one process, to a hundredth of a second.
func ticksOf(pid int) time.Duration {
	fields := stat(pid)
	if len(fields) < 15 {
		return 0
	}
	return ticks(fields[11]) + ticks(fields[12])
}

// ticksOfTree adds the children of a process, those that have ended too.
func ticksOfTree(pid int) time.Duration {
	fields := stat(pid)
	if len(fields) < 15 {
		return 0
	}
	total := ticks(fields[11]) + ticks(fields[12]) + ticks(fields[13]) + ticks(fields[14])
	all, _ := filepath.Glob("/proc/[0-9]*") // its only error is of the pattern
	for _, dir := range all {
		child, _ := strconv.Atoi(filepath.Base(dir)) // digits, by the pattern
		if f := stat(child); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			total += ticksOf(child)
		}
	}
	return total
}

// stat gives the fields after the name: state, parent, …
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

func ticks(field string) time.Duration {
	n, _ := strconv.ParseInt(field, 10, 64) // the kernel writes digits
	return time.Duration(n) * 10 * time.Millisecond
}

// memory of the server in MiB, now and at most.
func (h *house) memory() (now, most float64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.served.Process.Pid))
	if err != nil {
		h.t.Fatal(err)
	}
	read := func(name string) float64 {
		_, rest, _ := strings.Cut(string(text), name+":")
		n, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64) // the kernel writes digits
		return n / 1024
	}
	return read("VmRSS"), read("VmHWM")
}
