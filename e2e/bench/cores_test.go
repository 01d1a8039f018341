package bench

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// onCores makes this process the measure itself: it and all that it starts may use
// so many cores.
var onCores = flag.Int("cores", 0, "measure on so many cores and say the rate alone (for BenchmarkCores)")

// BenchmarkCores delivers on one core, with one process that works, then on two with
// two: PostgreSQL, Redis, the servers that receive, and the measure are all within.
func BenchmarkCores(b *testing.B) {
	if *onCores > 0 {
		fmt.Printf("rate %.1f\n", deliverOn(b, *onCores))
		return
	}
	if runtime.NumCPU() < 2 {
		b.Skip("two cores are needed")
	}
	one, two := pinned(b, 1), pinned(b, 2)
	report("out, two cores and processes beside one", fmt.Sprintf("%.0f /s, %.0f /s: %.2f ×", one, two, two/one), "≥ 1.7 ×", two/one >= 1.7)
}

var rateSaid = regexp.MustCompile(`(?m)^rate ([0-9.]+)$`)

// pinned runs this program again on some cores and gives what it measured.
func pinned(b *testing.B, cores int) float64 {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkCores$", "-test.benchtime=1x",
		"-cores="+strconv.Itoa(cores), "-scale="+fmt.Sprint(*scale))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	runtime.LockOSThread() // what is set is the thread's, and its children's
	defer runtime.UnlockOSThread()
	var all, some unix.CPUSet
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		b.Fatal(err)
	}
	for cpu := 0; some.Count() < cores; cpu++ {
		if all.IsSet(cpu) {
			some.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &some); err != nil {
		b.Fatal(err)
	}
	err := cmd.Run()
	if back := unix.SchedSetaffinity(0, &all); back != nil {
		b.Fatal(back)
	}
	said := rateSaid.FindSubmatch(out.Bytes())
	if err != nil || said == nil {
		b.Fatalf("%v: %s", err, out.Bytes())
	}
	rate, _ := strconv.ParseFloat(string(said[1]), 64) // the pattern is a number
	return rate
}

// deliverOn gives deliveries a second by so many processes.
func deliverOn(b *testing.B, processes int) float64 {
	var c *crowd
	h := newHouse(b, func(ca *authority) []*crowd { c = newCrowd(b, ca); return []*crowd{c} })
	for range processes - 1 {
		h.work()
	}
	key, err := yardstick()
	if err != nil {
		b.Fatal(err)
	}
	hosts := sized(500, 50)
	h.settle(others{crowd: c, hosts: hosts, people: hosts, follow: true}, key)
	h.publish(1)
	h.await("all have the first post", func() bool { return c.answered.Load() == int64(hosts) })
	h.idle()
	c.answered.Store(0)
	want := int64(hosts * inARow)
	begun := time.Now()
	h.publish(inARow)
	h.await("all have all posts", func() bool { return c.answered.Load() >= want })
	return float64(want) / time.Since(begun).Seconds()
}

// work adds a process that works and answers nobody.
func (h *house) work() {
	h.t.Helper()
	cmd := exec.Command(h.served.Path, "work")
	cmd.Env = append(h.served.Env, "PASSERELLES_METRICS_LISTEN=")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = cmd.Process.Signal(unix.SIGTERM) // it may have ended
		if err := cmd.Wait(); err != nil {
			h.t.Logf("work: %v: %s", err, log.String())
		}
	})
}
