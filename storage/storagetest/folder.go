package storagetest

import (
	"os"
	"testing"
)

// Folder gives a folder that the user postgres may cross, as it may not cross those of
// t.TempDir when root runs the tests.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "passerelles-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}
