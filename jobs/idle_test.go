package jobs

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"passerelles/storage/storagetest"
)

// TestIdle measures an engine that has nothing to do, for so many seconds:
// PASSERELLES_IDLE=20 go test -run TestIdle -v ./jobs
func TestIdle(t *testing.T) {
	seconds, _ := strconv.Atoi(os.Getenv("PASSERELLES_IDLE")) // not asked for: 0
	if seconds == 0 {
		seconds = 1
	}
	e := newEngine(t, storagetest.New(t), storagetest.Redis(t))
	start(t, e)
	time.Sleep(time.Second) // it is starting; a measure needs time to pass
	before, began := processor(t), time.Now()
	time.Sleep(time.Duration(seconds) * time.Second)
	share := float64(processor(t)-before) / float64(time.Since(began))
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	t.Logf("%.1f %% of a processor, %d KiB of heap, %d goroutines", 100*share, m.HeapAlloc>>10, runtime.NumGoroutine())
	if share > 0.25 {
		t.Errorf("an idle engine takes %.0f %% of a processor", 100*share)
	}
}

func processor(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
