package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"passerelles/storage/storagetest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"passerelles": func() {
			os.Exit(run(context.Background(), os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
		},
	})
}

// TestCommandLine plays the stories of testdata. Exit codes are told by the
// command code, since testscript only knows failure.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	stories, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, story := range stories {
		t.Run(filepath.Base(story), func(t *testing.T) {
			t.Parallel()
			database, empty, redis := storagetest.URL(t), storagetest.Empty(t), storagetest.Redis(t)
			testscript.Run(t, testscript.Params{
				Files: []string{story},
				Setup: func(e *testscript.Env) error {
					e.Setenv("DATABASE_URL", database)
					e.Setenv("EMPTY_DATABASE_URL", empty)
					e.Setenv("REDIS_URL", redis)
					e.Setenv("PASSERELLES_DATA", filepath.Join(e.WorkDir, "data"))
					e.Setenv("PASSERELLES_ORIGIN", "https://here.example")
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exitsWith, "keep": keeps},
			})
		})
	}
}

// exitsWith runs: code N passerelles ARGS…
func exitsWith(ts *testscript.TestScript, neg bool, args []string) {
	want := args[0]
	err := ts.Exec(args[1], args[2:]...)
	got := "exit status 0"
	if err != nil {
		got = err.Error()
	}
	if (got == "exit status "+want) == neg {
		ts.Fatalf("%v: %s, want %s", args[1:], got, want)
	}
}

// keeps runs: keep VARIABLE FIELD, which takes a field of the JSON object answered last.
func keeps(ts *testscript.TestScript, _ bool, args []string) {
	var object map[string]any
	answer := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	answer.UseNumber()
	ts.Check(answer.Decode(&object))
	text, ok := object[args[1]].(string)
	if number, is := object[args[1]].(json.Number); is {
		text, ok = number.String(), true
	}
	if !ok {
		ts.Fatalf("no %s in %v", args[1], object)
	}
	ts.Setenv(args[0], text)
}
