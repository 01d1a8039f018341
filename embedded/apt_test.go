package embedded

import (
	"os"
	"path/filepath"
	"testing"
)

// TestInstallingLeavesTheNextOneAlone: a PostgreSQL that is installed after ours makes
// its cluster, as its administrator expects.
func TestInstallingLeavesTheNextOneAlone(t *testing.T) {
	t.Parallel()
	const ours, packaged = "create_main_cluster = false\n", "#create_main_cluster = true\n"
	for name, c := range map[string]struct{ before, during, after string }{
		"nothing was there":                 {"", ours, packaged},
		"an installation before was killed": {ours, ours, packaged},
		"somebody's own settings":           {"ssl = off\n", "ssl = off\n", "ssl = off\n"},
	} {
		root := t.TempDir()
		file := filepath.Join(root, "etc/postgresql-common/createcluster.conf")
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		if c.before != "" {
			leave(t, file, c.before)
		}
		undo := withoutMainCluster(root)
		holdsText(t, name+", during", file, c.during)
		must(t, os.MkdirAll(filepath.Join(root, "usr/share/postgresql-common"), 0o755))
		leave(t, filepath.Join(root, "usr/share/postgresql-common/createcluster.conf"), packaged)
		must(t, undo())
		holdsText(t, name+", after", file, c.after)
	}
	t.Run("when nothing could be installed", func(t *testing.T) {
		root := t.TempDir()
		must(t, withoutMainCluster(root)())
		if _, err := os.Stat(filepath.Join(root, "etc/postgresql-common/createcluster.conf")); err == nil {
			t.Error("the settings are still there")
		}
	})
}

func holdsText(t *testing.T, when, file, want string) {
	t.Helper()
	if got, err := os.ReadFile(file); string(got) != want {
		t.Errorf("%s: %q (%v), want %q", when, got, err, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
