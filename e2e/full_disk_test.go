package e2e

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"passerelles/storage/storagetest"
)

// TestFullDisk fills disks while others write: that of PostgreSQL, then that of Redis, then
// that of the log. Nothing is taken that cannot be kept; work waits; once there is room
// again, all goes on and nothing was lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, storagetest.Folder(t), "400m")
	motor := filepath.Join(disk, "motor")
	must(t, os.Mkdir(motor, 0o711))
	smallDisk(t, motor, "8m")
	s := newSiege(t, groundIn(t, disk))
	s.strike(blow{"the disk is full", func() { s.diskFull(disk) }})
	s.strike(blow{"the disk of Redis is full", func() { s.redisDiskFull(motor) }})
	s.strike(blow{"the disk of the log is full", s.logDiskFull})
	s.strike(blow{"nobody reads the log", s.logUnread})
	s.settle()
	s.check(t)
}

// TestFullDiskOfPictures fills the disk of our copies of others' pictures. Those that are
// there are shown, of others a gap, all else goes on; no half file is shown or left.
func TestFullDiskOfPictures(t *testing.T) {
	t.Parallel()
	s := settleTown(t)
	folder := filepath.Join(s.dir, "media")
	must(t, os.Mkdir(folder, 0o700))
	disk := smallDisk(t, folder, "1m")
	s.start()
	s.member("ana")
	s.community("makers", "ana")
	a := newAlbum(t, s, "makers")
	before, after := a.shows(small(t, 1)), a.shows(small(t, 2))
	_, shown := s.get(before)
	db := openDB(t, s)
	copies := rows[tie](t, db, `SELECT url, file FROM copies`)

	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast)
	full := filesIn(t, disk)
	for range 3 {
		if status, body := s.get(after); status != http.StatusServiceUnavailable {
			t.Errorf("a picture that cannot be kept: %d and %d bytes, want 503", status, len(body))
		}
	}
	if status, again := s.get(before); status != http.StatusOK || !bytes.Equal(again, shown) {
		t.Errorf("a picture that was kept: %d and %d bytes, want the %d that it had", status, len(again), len(shown))
	}
	if status := s.status("/c/makers"); status != http.StatusOK {
		t.Errorf("a page: %d", status)
	}
	next := a.shows(small(t, 7)) // comes, is taken and shown on the page
	if left := filesIn(t, disk); !slices.Equal(left, full) {
		t.Errorf("files: %v, want %v", left, full)
	}
	if got := rows[tie](t, db, `SELECT url, file FROM copies`); !slices.Equal(got, copies) {
		t.Errorf("the database knows %v, want %v", got, copies)
	}

	must(t, os.Remove(ballast))
	for _, address := range []string{before, after, next} {
		if status, body := s.get(address); status != http.StatusOK || http.DetectContentType(body) == "application/octet-stream" {
			t.Errorf("once there is room: %d, %d bytes", status, len(body))
		}
	}
}

// filesIn names the files of a folder and those below it.
func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

// redisDiskFull: it keeps a journal that cannot be written any more, and refuses to take
// what it could not keep.
func (s *siege) redisDiskFull(disk string) {
	s.t.Helper()
	if said := s.ground.tellRedis("CONFIG SET appendonly yes"); !strings.HasPrefix(said, "+OK") {
		s.t.Fatalf("CONFIG SET: %s", said)
	}
	await(s.t, "the journal is begun", func() bool {
		says := s.ground.tellRedis("INFO persistence")
		return strings.Contains(says, "aof_rewrite_in_progress:0") && strings.Contains(says, "aof_current_size:") // stands there once it is kept
	})
	ballast := filepath.Join(disk, "ballast")
	fill(s.t, ballast)
	await(s.t, "Redis takes nothing any more", func() bool {
		return strings.HasPrefix(s.ground.tellRedis("SET probe 1"), "-MISCONF")
	})
	s.meanwhile("10 are answered 202 while Redis takes nothing", 10)
	if status := s.home.status("/readyz"); status != http.StatusOK {
		s.t.Errorf("readyz while Redis takes nothing: %d", status)
	}
	must(s.t, os.Remove(ballast))
	await(s.t, "Redis takes something again", func() bool { return strings.HasPrefix(s.ground.tellRedis("SET probe 1"), "+OK") })
	s.meanwhile("10 are answered 202 after", 10)
}

// logDiskFull: serve cannot write a line, and tries often.
func (s *siege) logDiskFull() {
	s.t.Helper()
	nowhere, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	must(s.t, err)
	defer nowhere.Close()
	s.logsTo(nowhere)
}

// logUnread: whoever read the log has gone.
func (s *siege) logUnread() {
	s.t.Helper()
	reader, writer, err := os.Pipe()
	must(s.t, err)
	defer writer.Close()
	must(s.t, reader.Close())
	s.logsTo(writer)
}

// logsTo has serve say all that it can to where it cannot.
func (s *siege) logsTo(nowhere *os.File) {
	s.t.Helper()
	usual := s.home.env
	s.endsWell("serve", s.home.served)
	s.home.logsTo, s.home.env = nowhere, append(slices.Clone(usual), "PASSERELLES_LOG_LEVEL=debug")
	s.home.start()
	s.meanwhile("10 are answered 202 without a log", 10)
	if status := s.home.status("/c/makers"); status != http.StatusOK {
		s.t.Errorf("a page without a log: %d", status)
	}
	select {
	case <-s.home.served.done:
		s.t.Error("serve ended for want of a log")
	default:
	}
	s.endsWell("serve without a log", s.home.served)
	s.home.logsTo, s.home.env = nil, usual
	s.home.start()
}

// smallDisk makes of a folder one that holds no more than its size.
func smallDisk(t *testing.T, dir, size string) string {
	t.Helper()
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
