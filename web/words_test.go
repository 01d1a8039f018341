package web

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestTextsAreWrittenInEachLanguageAndUsed(t *testing.T) {
	t.Parallel()
	used := usedKeys(t)
	for _, language := range languages {
		written := map[string]any{}
		readJSON(t, "translations/"+language+".json", &written)
		for key := range used {
			if _, ok := written[key]; !ok {
				t.Errorf("%s lacks %q", language, key)
			}
		}
		for key, text := range written {
			if !used[key] {
				t.Errorf("%s has %q, which nothing uses", language, key)
			}
			if text == "" {
				t.Errorf("%s has nothing for %q", language, key)
			}
		}
	}
}

// usedKeys are the quoted words in our code and templates that look like keys.
func usedKeys(t *testing.T) map[string]bool {
	t.Helper()
	quoted := regexp.MustCompile(`"([a-z]+(?:\.[a-z]+)+)"`)
	known := map[string]any{}
	readJSON(t, "translations/fr.json", &known)
	areas := map[string]bool{}
	for key := range known {
		area, _, _ := strings.Cut(key, ".")
		areas[area] = true
	}
	used := map[string]bool{}
	for _, pattern := range []string{"*.go", "templates/*.html", "templates/pages/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range quoted.FindAllStringSubmatch(string(text), -1) {
				if area, rest, _ := strings.Cut(found[1], "."); areas[area] && rest != "html" {
					used[found[1]] = true
				}
			}
		}
	}
	return used
}

// What people may be told by the packages whose verbs we call is said in French too.
func TestFaultsAreToldInFrench(t *testing.T) {
	t.Parallel()
	french := map[string]string{}
	readJSON(t, "translations/faults/fr.json", &french)
	said := map[string]bool{}
	for _, p := range []string{".", "../accounts", "../communities", "../posts", "../actors", "../media", "../notifications", "../departures", "../moderation"} {
		for sentence, where := range sentences(t, p) {
			said[sentence] = true
			if french[sentence] == "" {
				t.Errorf("%s: %q is not told in French", where, sentence)
			}
		}
	}
	for _, p := range []string{"../federation", "../access", "../storage", "../outbox", "../oauth"} { // of which people are told little
		for sentence := range sentences(t, p) {
			said[sentence] = true
		}
	}
	for _, sentence := range slices.Sorted(maps.Keys(french)) {
		if !said[sentence] {
			t.Errorf("nothing says %q any more", sentence)
		}
	}
}

// sentences are the texts of the faults that a package makes, and where.
func sentences(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := token.NewFileSet()
	found := map[string]string{}
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, text := range saidIn(n) {
				found[text] = files.Position(n.Pos()).String()
			}
			return true
		})
	}
	return found
}

// saidIn gives the sentence of a fault: of fault.New, Wrap and Later the
// second argument, of storage.NotFound and Conflict the last; constants that
// hold a sentence count too.
func saidIn(n ast.Node) (texts []string) {
	switch n := n.(type) {
	case *ast.CallExpr:
		f, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		of, _ := f.X.(*ast.Ident)
		switch {
		case of == nil:
		case of.Name == "fault" && slices.Contains([]string{"New", "Wrap", "Later"}, f.Sel.Name):
			return literal(n.Args[1])
		case of.Name == "storage" && slices.Contains([]string{"NotFound", "Conflict"}, f.Sel.Name):
			return literal(n.Args[len(n.Args)-1])
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if strings.HasPrefix(name.Name, "no") && i < len(n.Values) {
				for _, text := range literal(n.Values[i]) {
					if strings.HasSuffix(text, ".") {
						texts = append(texts, text)
					}
				}
			}
		}
	}
	return texts
}

// literal gives a text, or what stands before the colon of one made of parts.
func literal(e ast.Expr) []string {
	if sum, ok := e.(*ast.BinaryExpr); ok {
		var texts []string
		for _, text := range literal(sum.X) {
			texts = append(texts, strings.TrimSuffix(text, ": "))
		}
		return texts
	}
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return nil
	}
	text, err := strconv.Unquote(l.Value)
	if err != nil || text == "" {
		return nil
	}
	return []string{text}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// What the Content-Security-Policy would block must not be written, nor words
// of any language.
func TestTemplatesAreClean(t *testing.T) {
	t.Parallel()
	wrong := map[string]*regexp.Regexp{
		"a style of its own":       regexp.MustCompile(`\sstyle=|<style`),
		"a script":                 regexp.MustCompile(`(?i)<script|\son[a-z]+=`),
		"an address elsewhere":     regexp.MustCompile(`(?:src|href)="(?:https?:)?//`),
		"HTML made of other words": regexp.MustCompile(`{{\s*safe (?:[^.]|\.[A-Z]\w*[^}C\w])`),
		"words":                    regexp.MustCompile(`>[^<{>]*[A-Za-zÀ-ÿ]{3,}[^<{>]*<`),
	}
	err := fs.WalkDir(templateFiles, "templates", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := fs.ReadFile(templateFiles, name)
		// What search engines read is data: no browser runs it, so that the policy does not block it.
		rest := strings.ReplaceAll(string(text), `<script type="application/ld+json">{{.Data}}</script>`, "")
		// A file of ours the policy lets run.
		rest = strings.ReplaceAll(rest, `<script src="{{asset "passkey.js"}}" defer></script>`, "")
		for what, form := range wrong {
			if found := form.FindString(rest); found != "" {
				t.Errorf("%s holds %s: %q", name, what, found)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFrenchIsSpacedAsInQuebec: nothing stands before ? ! and ;, and a no-break space before
// a colon and inside quotation marks, in all that people read in French.
func TestFrenchIsSpacedAsInQuebec(t *testing.T) {
	t.Parallel()
	action := regexp.MustCompile(`\{\{.*?\}\}`)
	wrong := regexp.MustCompile(`.{0,20}(?:[ \x{a0}\x{202f}][?!;]|[^\x{a0}"/\w]:|[ \x{202f}]»|«[^\x{a0}]|\d \d{3}).{0,20}`)
	for _, file := range []string{"translations/fr.json", "translations/faults/fr.json",
		"../notifications/texts/fr.json", "../communities/texts/fr.json", "../communities/texts/letter.fr.html"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range wrong.FindAllString(action.ReplaceAllString(string(text), "X"), -1) {
			t.Errorf("%s: %q", file, found)
		}
	}
}
