package storage_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	table = regexp.MustCompile(`(?i)\bCREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)`)
	index = regexp.MustCompile(`(?i)\bCREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?(\w+)\s+ON (?:ONLY )?(\w+)`)
)

func TestMigrationsAreNumbered(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^\d{4}_[a-z_]+\.sql$`)
	seen := map[string]string{}
	for file := range migrations(t) {
		number, _, _ := strings.Cut(file, "_")
		if !name.MatchString(file) || seen[number] != "" {
			t.Errorf("%s: want four digits of its own, then words", file)
		}
		seen[number] = file
	}
}

// TestIndexesAreBuiltBesideTheWork: an index on a table that may be big keeps nobody
// from writing while it is built. The first twenty-one migrations knew no big table.
func TestIndexesAreBuiltBesideTheWork(t *testing.T) {
	t.Parallel()
	for file, text := range migrations(t) {
		if file < "0022" {
			continue
		}
		for _, wrong := range indexesInTheWay(text) {
			t.Errorf("%s: %s", file, wrong)
		}
	}
}

// indexesInTheWay tells which indexes of a migration would hold up others, or not be
// mended when the migration was killed on its way.
func indexesInTheWay(text string) (wrong []string) {
	var fresh []string
	for _, made := range table.FindAllStringSubmatch(text, -1) {
		fresh = append(fresh, made[1])
	}
	for _, made := range index.FindAllStringSubmatch(text, -1) {
		name := made[2]
		switch {
		case slices.Contains(fresh, made[3]): // it is empty
		case made[1] == "":
			wrong = append(wrong, "build "+name+" CONCURRENTLY, in a file of its own")
		case !strings.Contains(text, "-- +goose NO TRANSACTION"):
			wrong = append(wrong, "say -- +goose NO TRANSACTION, for "+name)
		case !strings.Contains(text, "SET lock_timeout = 0;"): // else each long transaction begins it anew
			wrong = append(wrong, "first SET lock_timeout = 0, last RESET it: "+name+" waits for others and holds nobody up")
		case !strings.Contains(text, "DROP INDEX CONCURRENTLY IF EXISTS "+name+";"):
			wrong = append(wrong, "drop what a killed migration may have left of "+name)
		}
	}
	return wrong
}

func TestIndexesInTheWay(t *testing.T) {
	t.Parallel()
	const right = `-- +goose NO TRANSACTION
		-- +goose Up
		SET lock_timeout = 0;
		DROP INDEX CONCURRENTLY IF EXISTS posts_x;
		CREATE INDEX CONCURRENTLY posts_x ON posts (x);
		RESET lock_timeout;`
	for text, want := range map[string]int{
		right: 0,
		"CREATE TABLE x (y int);\nCREATE UNIQUE INDEX x_y ON x (y);":  0,
		"CREATE TABLE x (y int);\nCREATE INDEX posts_x ON posts (x);": 1,
		strings.ReplaceAll(right, "CONCURRENTLY ", ""):                1,
		strings.ReplaceAll(right, "-- +goose NO TRANSACTION", ""):     1,
		strings.ReplaceAll(right, "SET lock_timeout = 0;", ""):        1,
		strings.ReplaceAll(right, "IF EXISTS posts_x;", "posts_y;"):   1,
	} {
		if got := indexesInTheWay(text); len(got) != want {
			t.Errorf("%q, want %d complaints, of:\n%s", got, want, text)
		}
	}
}

// migrations gives the text of each file.
func migrations(t *testing.T) map[string]string {
	t.Helper()
	files, err := os.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile("migrations/" + file.Name())
		if err != nil {
			t.Fatal(err)
		}
		texts[file.Name()] = string(text)
	}
	return texts
}
