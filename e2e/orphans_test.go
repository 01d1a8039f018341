package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"passerelles/storage/storagetest"
)

// TestKillLeavesNoOrphan kills a server that runs its own PostgreSQL and Redis.
func TestKillLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		storagetest.GiveUp(t, err) // processes are looked up there
	}
	dir := storagetest.Folder(t)
	s := settleOn(t, "", "", "PASSERELLES_DATA="+dir)
	s.start()
	s.member("ana")
	if len(living(dir)) == 0 {
		t.Fatal("no server runs in the data folder")
	}
	s.served.stop(syscall.SIGKILL)
	await(t, "nobody runs in the data folder", func() bool { return len(living(dir)) == 0 })

	s.start()
	if accounts, _ := s.do("account", "list")["accounts"].([]any); len(accounts) != 1 {
		t.Errorf("accounts = %v, want Ana's", accounts)
	}
	s.served.stop(syscall.SIGTERM)
	if code := s.served.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("serve ended with %d after SIGTERM, want 0", code)
	}
	if left := living(dir); len(left) > 0 {
		t.Errorf("still runs: %q", left)
	}
}

// living gives the processes that work in a folder or name it.
func living(dir string) (found []string) {
	all, _ := filepath.Glob("/proc/[0-9]*") // fails on a bad pattern only
	for _, process := range all {
		line, _ := os.ReadFile(filepath.Join(process, "cmdline")) // empty: it has ended
		cwd, _ := os.Readlink(filepath.Join(process, "cwd"))
		if strings.Contains(string(line), dir) || strings.HasPrefix(cwd, dir) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}
