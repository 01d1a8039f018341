package security

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the counts in docs/security-cases.md")

const (
	document   = "../../docs/security-cases.md"
	counts     = "<!-- counts -->\n"
	countsDone = "<!-- end of counts -->"
)

// families are the kinds of cases, and how many each has.
var families = []struct {
	name string
	many int
}{
	{"HS", 26}, {"ID", 39}, {"SS", 22}, {"RL", 27}, {"CT", 30}, {"CF", 39}, {"OA", 31}, {"AD", 13}, {"QU", 16}, {"DF", 15}, {"PR", 10},
}

var (
	row    = regexp.MustCompile(`(?m)^\| ([A-Z]{2}-\d\d) \| ([^|]+) \| ([^|]+) \|$`)
	later  = regexp.MustCompile(`^#[3-9]: .+`)
	passed = regexp.MustCompile("^passed: (`[^`]+`(?:, `[^`]+`)*)(; again with #[3-9] \\(.+\\))?$")
)

// TestDocument holds docs/security-cases.md to its word: each case once, each test there.
func TestDocument(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		if _, twice := states[m[1]]; twice {
			t.Errorf("%s stands there twice", m[1])
		}
		states[m[1]] = m[3]
		checkState(t, m[1], m[3])
	}
	total := 0
	for _, f := range families {
		for i := range f.many {
			if id := fmt.Sprintf("%s-%02d", f.name, i+1); states[id] == "" {
				t.Errorf("%s is missing", id)
			}
		}
		total += f.many
	}
	if len(states) != total || total != 268 {
		t.Errorf("%d cases, want %d, and that 268", len(states), total)
	}
	checkCounts(t, string(text), states)
}

// checkState demands of a passed case that each of its tests exists. Of one the service that
// would judge it cannot be reached from everywhere: that is said.
func checkState(t *testing.T, id, state string) {
	t.Helper()
	if id == "AD-10" && strings.HasPrefix(state, "said: ") {
		return
	}
	m := passed.FindStringSubmatch(state)
	if m == nil {
		if !later.MatchString(state) {
			t.Errorf("%s: %q is no state", id, state)
		}
		return
	}
	for name := range strings.SplitSeq(m[1], ", ") {
		if name = strings.Trim(name, "`"); !exists(t, name) {
			t.Errorf("%s: there is no test %s", id, name)
		}
	}
}

// exists finds folder.TestName/part: a part is a text, whole or as a beginning, of that
// test or of what it uses.
func exists(t *testing.T, name string) bool {
	t.Helper()
	folder, function, _ := strings.Cut(name, ".")
	function, part, _ := strings.Cut(function, "/")
	all := declarations(t, folder)
	return all[function] != nil && (part == "" || all.say(function, part, map[string]bool{}))
}

// declared are the functions, variables and constants of a package's tests, by name.
type declared map[string]ast.Node

func declarations(t *testing.T, folder string) declared {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := declared{}
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			all.add(d)
		}
	}
	return all
}

func (all declared) add(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		all[d.Name.Name] = d
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if value, ok := spec.(*ast.ValueSpec); ok {
				for _, name := range value.Names {
					all[name.Name] = value
				}
			}
		}
	}
}

// say looks for a text in a declaration and in those that it names.
func (all declared) say(name, part string, seen map[string]bool) (found bool) {
	if all[name] == nil || seen[name] {
		return false
	}
	seen[name] = true
	ast.Inspect(all[name], func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			found = found || all.say(n.Name, part, seen)
		case *ast.BasicLit:
			if n.Kind == token.STRING {
				s, _ := strconv.Unquote(n.Value)
				found = found || s == part || strings.HasPrefix(s, part+" ") || strings.HasPrefix(s, part+":")
			}
		}
		return !found
	})
	return found
}

// checkCounts compares the numbers at the top with the rows; -update writes them.
func checkCounts(t *testing.T, text string, states map[string]string) {
	t.Helper()
	want := countsOf(states)
	before, rest, _ := strings.Cut(text, counts)
	got, after, found := strings.Cut(rest, countsDone)
	if !found {
		t.Fatal("there is no place for the counts")
	}
	if *update {
		if err := os.WriteFile(document, []byte(before+counts+want+countsDone+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("the counts are\n%swant (go test ./e2e/security -run TestDocument -update)\n%s", got, want)
	}
}

func countsOf(states map[string]string) string {
	var lines strings.Builder
	lines.WriteString("| | cases | passed | later |\n|---|---|---|---|\n")
	all, done := 0, 0
	for _, f := range families {
		n := 0
		for id, state := range states {
			if strings.HasPrefix(id, f.name) && strings.HasPrefix(state, "passed") {
				n++
			}
		}
		fmt.Fprintf(&lines, "| %s | %d | %d | %d |\n", f.name, f.many, n, f.many-n)
		all, done = all+f.many, done+n
	}
	fmt.Fprintf(&lines, "| **all** | **%d** | **%d** | **%d** |\n", all, done, all-done)
	return lines.String()
}
