package e2e

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"passerelles/storage/storagetest"
)

// TestFullDisk fills the disk of PostgreSQL while others write. Nothing is taken that
// cannot be kept; once there is room again, all goes on and nothing was lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "400m")
	s := newSiege(t, groundIn(t, disk))
	s.strike(blow{"the disk is full", func() { s.diskFull(disk) }})
	s.settle()
	s.check(t)
}

// smallDisk is a folder that holds no more than its size.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := storagetest.Folder(t)
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=0711,size="+size); err != nil {
		storagetest.GiveUp(t, err) // only root may
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func (s *siege) diskFull(disk string) {
	s.t.Helper()
	ballast := filepath.Join(disk, "ballast")
	fill(s.t, ballast)
	s.crowd.release(200)
	await(s.t, "nothing is taken any more", func() bool { return s.turnedAway() > 0 })
	if err := os.Remove(ballast); err != nil {
		s.t.Fatal(err)
	}
	if s.ground.postmaster() == 0 || !s.ground.lives() { // it gives up when its log cannot be written
		s.ground.stopPostgres()
		s.ground.startPostgres()
	}
	await(s.t, "the server is well", func() bool { return s.home.status("/readyz") == http.StatusOK })
}

// turnedAway counts the honest 503.
func (s *siege) turnedAway() int {
	s.crowd.mu.Lock()
	defer s.crowd.mu.Unlock()
	return s.crowd.tries[strconv.Itoa(http.StatusServiceUnavailable)]
}

// fill leaves no byte of a disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
}

// lives says whether the process that claims the cluster does.
func (g *ground) lives() bool { return syscall.Kill(g.postmaster(), 0) == nil }
