package passerelles_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "passerelles"

// rows are the floors of the house, from the ground up. A package imports only
// from rows below its own, never from beside it.
var rows = [][]string{
	{".", "federation/vocab", "text", "fault", "pace", "config"},
	{"federation", "storage", "embedded"},
	{"actors", "jobs", "storage/storagetest"},
	{"access", "acts", "jobs/jobstest"},
	{"outbox", "notifications", "media"},
	{"accounts", "communities", "reading"},
	{"posts", "oauth"},
	{"timelines", "history", "moderation", "streaming", "push", "departures"},
	{"inbox", "documents", "web", "mastodon"},
	{"server", "e2e/programs"},
	{"cmd/passerelles", "e2e", "e2e/bench", "e2e/security"},
}

// doors may join routes, each in its routes.go.
var doors = []string{"server", "inbox", "documents", "web", "mastodon"}

// keepers are the packages that alone may import a library, so that changing
// it is a change to one folder.
var keepers = map[string][]string{
	"github.com/hibiken/asynq":        {"jobs", "storage/storagetest"},
	"github.com/go-fed/httpsig":       {"federation"},
	"github.com/dunglas/httpsfv":      {"federation"},
	"github.com/gowebpki/jcs":         {"federation"},
	"github.com/go-ap":                {"federation/vocab"},
	"github.com/jackc/pgx/v5/pgxpool": {"storage", "storage/storagetest"},
	"github.com/gorilla/mux":          doors,
	"github.com/pressly/goose":        {"storage"},
	"github.com/spf13/cobra":          {"cmd/passerelles"},
	"github.com/alicebob/miniredis":   {"embedded"},
	"github.com/microcosm-cc":         {"text"},
	"github.com/yuin/goldmark":        {"text"},
	"github.com/abadojack/whatlanggo": {"text"},
	"github.com/mtibben/confusables":  {"text"},
	"github.com/prometheus":           {"server", "e2e/programs"},
	"github.com/alexedwards/scs":      {"web"},
	"github.com/alexedwards/argon2id": {"accounts"},
	"github.com/pquerna/otp":          {"accounts"},
	"github.com/go-webauthn":          {"accounts"},
	"github.com/BurntSushi/toml":      {"config"},
	"github.com/caarlos0/env":         {"config"},
	"github.com/wneessen/go-mail":     {"notifications"},
	"golang.org/x/image":              {"media"},
	"github.com/bbrks/go-blurhash":    {"media"},
	"github.com/gorilla/websocket":    {"streaming"},
	"github.com/SherClockHolmes":      {"push"},
	"github.com/mattn/go-mastodon":    {}, // a member's app in tests alone
}

func TestImportsGoDown(t *testing.T) {
	t.Parallel()
	for _, wrong := range wrongImports(packages(t)) {
		t.Error(wrong)
	}
}

// wrongImports tells which packages import what is not below them, or a
// library that another keeps.
func wrongImports(list []goPackage) (wrong []string) {
	for _, p := range list {
		row := rowOf(p.place())
		if row < 0 {
			wrong = append(wrong, fmt.Sprintf("%s stands on no floor: place it in rows and in docs/architecture.md", p.place()))
			continue
		}
		for _, imported := range p.Imports {
			if below, ours := strings.CutPrefix(imported, module+"/"); ours {
				if rowOf(below) >= row {
					wrong = append(wrong, fmt.Sprintf("%s imports %s, which is not below it", p.place(), below))
				}
				if forTests(below) && !forTests(p.place()) {
					wrong = append(wrong, fmt.Sprintf("%s imports %s, which is for tests", p.place(), below))
				}
			} else if who, kept := keepersOf(imported); kept && !slices.Contains(who, p.place()) {
				wrong = append(wrong, fmt.Sprintf("%s imports %s, which %s keeps", p.place(), imported, strings.Join(who, ", ")))
			}
		}
	}
	return wrong
}

func rowOf(place string) int {
	return slices.IndexFunc(rows, func(row []string) bool { return slices.Contains(row, place) })
}

// forTests says whether a package serves tests only.
func forTests(place string) bool {
	return strings.HasSuffix(place, "test") || strings.HasPrefix(place, "e2e")
}

func keepersOf(imported string) ([]string, bool) {
	for p := imported; p != "."; p = path.Dir(p) {
		if who, kept := keepers[p]; kept {
			return who, true
		}
	}
	return nil, false
}

func TestWrongImports(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, from, imports, want string }{
		{"down", "posts", "passerelles/communities", ""},
		{"far down", "cmd/passerelles", "passerelles/config", ""},
		{"the standard library", "fault", "errors", ""},
		{"a library that nobody keeps", "posts", "github.com/jackc/pgx/v5", ""},
		{"up", "actors", "passerelles/outbox", "actors imports outbox, which is not below it"},
		{"beside", "accounts", "passerelles/communities", "accounts imports communities, which is not below it"},
		{"from nowhere", "utils", "errors", "utils stands on no floor: place it in rows and in docs/architecture.md"},
		{"a test's help", "posts", "passerelles/storage/storagetest", "posts imports storage/storagetest, which is for tests"},
		{"a library by its keeper", "storage", "github.com/pressly/goose/v3", ""},
		{"a library by another", "web", "github.com/pressly/goose/v3", "web imports github.com/pressly/goose/v3, which storage keeps"},
		{"a part of a library", "inbox", "github.com/go-ap/activitypub", "inbox imports github.com/go-ap/activitypub, which federation/vocab keeps"},
	} {
		got := strings.Join(wrongImports([]goPackage{{ImportPath: module + "/" + tc.from, Imports: []string{tc.imports}}}), "\n")
		if got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestTheMapNamesEachPackage: `go doc .` is where a newcomer begins.
func TestTheMapNamesEachPackage(t *testing.T) {
	t.Parallel()
	named := strings.Fields(readMap(t))
	for _, p := range packages(t) {
		if place := p.place(); place != "." && !forTests(place) && !slices.Contains(named, place) {
			t.Errorf("doc.go does not name %s", place)
		}
	}
}

// readMap gives the lines of doc.go that are drawn: those which are indented.
func readMap(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if drawn, is := strings.CutPrefix(line, "//\t"); is {
			lines = append(lines, drawn)
		}
	}
	return strings.Join(lines, "")
}
