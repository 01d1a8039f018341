// Package programs finds the programs that tests drive and that Go cannot
// build: a browser, npm. As root on Debian it installs what lacks.
package programs

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

const patience = 10 * time.Minute // for a slow network

var installing sync.Mutex

// Need gives the path of a program, installed from the named Debian packages
// if it lacks. Where it cannot be had the test fails if CI is set, else skips.
func Need(t testing.TB, program string, packages ...string) string {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	install(t, packages)
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	giveUp(t, program, packages)
	return ""
}

// giveUp fails the test if CI is set, else skips it.
func giveUp(t testing.TB, what string, packages []string) {
	t.Helper()
	why := what + " is not installed: run sudo apt-get install -y " + strings.Join(packages, " ")
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func install(t testing.TB, packages []string) {
	t.Helper()
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, args := range [][]string{{"update"}, append([]string{"install", "-y", "--no-install-recommends"}, packages...)} {
		args = append([]string{"-qq", "-o", "DPkg::Lock::Timeout=600"}, args...)
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Logf("apt-get %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}
