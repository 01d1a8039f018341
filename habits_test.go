package passerelles_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const longestFile = 600 // lines; past them a file holds two ideas

func TestPackagesKeepTheHabits(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		t.Run(p.place(), func(t *testing.T) {
			t.Parallel()
			for _, wrong := range wrongHabits(t, p) {
				t.Error(wrong)
			}
		})
	}
}

// wrongHabits reads the files of a package for what docs/style.md asks.
func wrongHabits(t *testing.T, p goPackage) (wrong []string) {
	t.Helper()
	if p.Name != "main" && !strings.HasPrefix(p.Doc, "Package "+p.Name+" ") || p.Doc == "" {
		wrong = append(wrong, fmt.Sprintf("package %s needs a doc that begins with its name", p.place()))
	}
	files, sources := token.NewFileSet(), []*ast.File{}
	for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
		src, err := os.ReadFile(filepath.Join(p.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(src), "\n"); lines > longestFile {
			wrong = append(wrong, fmt.Sprintf("%s has %d lines: split it", name, lines))
		}
		if !slices.Contains(p.GoFiles, name) {
			continue
		}
		f, err := parser.ParseFile(files, name, src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, f)
		wrong = append(wrong, wrongInFile(files, p.place(), name, f)...)
	}
	api, err := doc.NewFromFiles(files, sources, p.ImportPath)
	if err != nil {
		t.Fatal(err)
	}
	return append(wrong, undocumented(api)...)
}

var (
	sqlText = regexp.MustCompile(`\b(SELECT|DELETE FROM|INSERT INTO|UPDATE \w+( \w+)?\s+SET)\s`)
	clock   = regexp.MustCompile(`(?i)\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)|\bcurrent_(timestamp|date|time)\b`)
)

// wrongInFile says where SQL leaves its store, where a store asks the time
// itself, and where routes are joined outside routes.go.
func wrongInFile(files *token.FileSet, place, name string, f *ast.File) (wrong []string) {
	store := strings.HasPrefix(name, "store")
	database := strings.HasPrefix(place, "storage") || place == "embedded" // they keep it, and have no rows
	say := func(n ast.Node, what string) {
		wrong = append(wrong, fmt.Sprintf("%s: %s", files.Position(n.Pos()), what))
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			if imported, _ := strconv.Unquote(n.Path.Value); imported == "github.com/gorilla/mux" && name != "routes.go" {
				say(n, "routes are joined in routes.go only")
			}
			return false
		case *ast.BasicLit:
			if n.Kind != token.STRING || !sqlText.MatchString(n.Value) {
				break
			}
			if database {
				break
			}
			if !store {
				say(n, "SQL belongs in store.go or store_<noun>.go")
			}
			if clock.MatchString(n.Value) {
				say(n, "SQL takes the time as a parameter")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); store && ok && x.Name == "time" && n.Sel.Name == "Now" {
				say(n, "a store is told the time")
			}
		}
		return true
	})
	return wrong
}

// undocumented lists the exported names that say nothing of themselves.
func undocumented(api *doc.Package) (wrong []string) {
	ask := func(name, said string) {
		if ast.IsExported(name) && strings.TrimSpace(said) == "" {
			wrong = append(wrong, fmt.Sprintf("%s.%s needs a comment", api.Name, name))
		}
	}
	funcs, values := slices.Clone(api.Funcs), slices.Concat(api.Consts, api.Vars)
	for _, typ := range api.Types {
		ask(typ.Name, typ.Doc)
		funcs = slices.Concat(funcs, typ.Funcs, typ.Methods)
		values = slices.Concat(values, typ.Consts, typ.Vars)
	}
	for _, f := range funcs {
		ask(f.Name, f.Doc)
	}
	for _, v := range values {
		for _, spec := range v.Decl.Specs {
			s := spec.(*ast.ValueSpec)
			for _, name := range s.Names {
				ask(name.Name, v.Doc+s.Doc.Text()+s.Comment.Text())
			}
		}
	}
	return wrong
}

func TestWrongInFile(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, place, file, body, want string }{
		{"SQL in a store", "posts", "store_posts.go", "const q = `\nSELECT id FROM posts`", ""},
		{"SQL in storage", "storage/storagetest", "storagetest.go", "const q = `SELECT 1 `", ""},
		{"SQL elsewhere", "posts", "publish.go", "const q = `SELECT id FROM posts`", "SQL belongs in store.go or store_<noun>.go"},
		{"SQL that asks the time", "posts", "store.go", "const q = `SELECT id FROM posts WHERE at < now()`", "SQL takes the time as a parameter"},
		{"words that are no SQL", "posts", "publish.go", "const q = `now() select one`", ""},
		{"a clock in a store", "posts", "store.go", "import \"time\"\nvar t = time.Now()", "a store is told the time"},
		{"a clock elsewhere", "posts", "publish.go", "import \"time\"\nvar t = time.Now()", ""},
		{"routes in their file", "web", "routes.go", "import _ \"github.com/gorilla/mux\"", ""},
		{"routes elsewhere", "web", "session.go", "import _ \"github.com/gorilla/mux\"", "routes are joined in routes.go only"},
	} {
		files := token.NewFileSet()
		f, err := parser.ParseFile(files, tc.file, "package x\n"+tc.body, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(wrongInFile(files, tc.place, tc.file, f), "\n")
		if _, said, _ := strings.Cut(got, ": "); said != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestUndocumented(t *testing.T) {
	t.Parallel()
	files := token.NewFileSet()
	f, err := parser.ParseFile(files, "x.go", `
// Package x is made up.
package x

// Said is documented.
type Said struct{}

func (Said) Method() {}

type Silent int

// The kinds.
const (
	One Silent = iota
	Two
)

var Loud, quiet = 1, 2
var Beside = 3 // says enough

func Func() {}
`, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	api, err := doc.NewFromFiles(files, []*ast.File{f}, "x")
	if err != nil {
		t.Fatal(err)
	}
	got := undocumented(api)
	slices.Sort(got)
	want := []string{"x.Func needs a comment", "x.Loud needs a comment", "x.Method needs a comment", "x.Silent needs a comment"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
