package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"passerelles/e2e/programs"
	"passerelles/storage/storagetest"
)

// TestPowerFailure takes what is on the disk of PostgreSQL at some moment under load, and
// goes on with that and nothing else: what was written and not forced to the disk is lost,
// what Redis held too. Whatever had been answered 202 is there.
func TestPowerFailure(t *testing.T) {
	t.Parallel()
	d := newDisk(t, "700M")
	s := newSiege(t, groundIn(t, d.at))
	long, _ := time.ParseDuration(os.Getenv("CHAOS_FOR")) // none: once
	for until, again := time.Now().Add(long), true; again; again = time.Now().Before(until) {
		s.strike(blow{"the power fails", func() { s.powerFails(d) }})
	}
	s.settle()
	s.check(t)
}

// disk is a file with a file system in it. What the system in front of it still has in
// memory is not in the file.
type disk struct {
	t     *testing.T
	image string
	at    string
}

func newDisk(t *testing.T, size string) *disk {
	t.Helper()
	programs.Need(t, "mkfs.ext4", "e2fsprogs")
	programs.Need(t, "mount", "mount")
	d := &disk{t: t, image: filepath.Join(storagetest.Folder(t), "image"), at: storagetest.Folder(t)}
	for _, args := range [][]string{
		{"truncate", "-s", size, d.image},
		{"mkfs.ext4", "-q", "-F", d.image},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Logf("%s: %s", args, out)
			storagetest.GiveUp(t, err)
		}
	}
	if err := d.mount(); err != nil {
		storagetest.GiveUp(t, err) // only root may
	}
	t.Cleanup(func() { d.run("umount", "--lazy", d.at) })
	must(t, os.Chmod(d.at, 0o711))
	return d
}

// mount has the file system force nothing to the disk by itself that nobody asked for.
func (d *disk) mount() error {
	return exec.Command("mount", "-o", "loop,commit=3600", d.image, d.at).Run()
}

func (d *disk) run(args ...string) {
	d.t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		d.t.Errorf("%s: %v: %s", args, err, out)
	}
}

// unlessGone passes over a process that ended by itself meanwhile, as autovacuum's do.
func unlessGone(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, syscall.ESRCH) {
		must(t, err)
	}
}

// powerFails: from one moment on nobody does anything any more, and of the disk remains
// what is on it.
func (s *siege) powerFails(d *disk) {
	s.t.Helper()
	s.meanwhile("60 are answered 202 before", 60)
	s.crowd.release(60)
	enough := s.crowd.taken() + s.dice.IntN(30)
	await(s.t, "others are being taken", func() bool { return s.crowd.taken() >= enough })
	ours := []*process{s.home.served, s.worker, s.away.served}
	for _, p := range ours {
		s.freeze(p)
	}
	postgres := below(s.ground.postmaster())
	for _, pid := range postgres {
		unlessGone(s.t, syscall.Kill(pid, syscall.SIGSTOP))
	}
	remains := d.image + ".remains"
	d.run("cp", "--sparse=always", d.image, remains)

	for _, p := range ours {
		p.stop(syscall.SIGKILL)
	}
	s.ground.killRedis()
	for _, pid := range postgres[1:] {
		unlessGone(s.t, syscall.Kill(pid, syscall.SIGKILL))
	}
	s.ground.dropPostgres()
	await(s.t, "nobody uses the disk", func() bool { return exec.Command("umount", d.at).Run() == nil })
	must(s.t, os.Rename(remains, d.image))
	must(s.t, d.mount())

	s.ground.startPostgres()
	s.ground.startRedis()
	s.home.start()
	s.startWork()
	s.away.start()
}

// below gives a process and all that descend from it.
func below(pid int) (all []int) {
	all = []int{pid}
	for i := 0; i < len(all); i++ {
		text, _ := os.ReadFile("/proc/" + strconv.Itoa(all[i]) + "/task/" + strconv.Itoa(all[i]) + "/children") // none: it has ended
		for _, child := range strings.Fields(string(text)) {
			if n, err := strconv.Atoi(child); err == nil && !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return all
}

// dropPostgres ends it by force: it has no time left.
func (g *ground) dropPostgres() {
	g.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = g.postgres.Stop(ctx) // it says that it had to kill
	g.postgres = nil
}
