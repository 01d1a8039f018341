package passerelles_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goPackage is what `go list` tells of a package.
type goPackage struct {
	Dir, ImportPath, Name, Doc         string
	Imports                            []string
	GoFiles, TestGoFiles, XTestGoFiles []string
}

// place is the package's path in the house.
func (p goPackage) place() string {
	if p.ImportPath == module {
		return "."
	}
	return strings.TrimPrefix(p.ImportPath, module+"/")
}

// packages asks go for the list; it builds nothing.
func packages(t *testing.T) (list []goPackage) {
	t.Helper()
	readFolders(t)
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e",
		"-json=Dir,ImportPath,Name,Doc,Imports,GoFiles,TestGoFiles,XTestGoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(p.ImportPath, "/node_modules/") {
			list = append(list, p)
		}
	}
}

// readFolders reads each folder, so that the cache of `go test`, which does not
// see what `go list` reads, runs this test again when a file comes or goes.
func readFolders(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && slices.Contains([]string{".git", "bin", "var", "node_modules"}, d.Name()) {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
