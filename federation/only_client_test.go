package federation

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestOnlyClient reads the whole program: whatever goes out by HTTP goes
// through Client, so that the guard sees it.
func TestOnlyClient(t *testing.T) {
	t.Parallel()
	forbidden := map[string][]string{
		"net/http":          {"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Head", "Post", "PostForm", "RoundTripper"},
		"net/http/httputil": {"NewClientConn", "ReverseProxy", "NewSingleHostReverseProxy"},
	}
	// Here, and what plays the other servers for tests.
	elsewhere := map[string]bool{"federation": true, "e2e": true, "bench": true, "node_modules": true, "testdata": true}
	files := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != ".." && (elsewhere[d.Name()] || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(d.Name(), "test")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		for _, use := range uses(t, path, forbidden) {
			t.Errorf("%s goes out without federation.Client", use)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Error("no file was read")
	}
}

// uses lists where a file names what is forbidden.
func uses(t *testing.T, path string, forbidden map[string][]string) (found []string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		return nil // the compiler says it better
	}
	names := map[string][]string{}
	for _, i := range file.Imports {
		imported, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(imported)
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = forbidden[imported]
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && slices.Contains(names[x.Name], s.Sel.Name) {
				found = append(found, set.Position(s.Pos()).String()+": "+x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return found
}
