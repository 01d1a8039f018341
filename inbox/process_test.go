package inbox

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"passerelles/fault"
)

func TestLease(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	note := bob.note("once", w.toMakers())
	bob.posts(w, bob.does("Create", note))
	ctx := t.Context()
	take := func() []waiting {
		t.Helper()
		rows, err := claim(ctx, w.db, false, true, quickBatch, w.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	first := take()
	if again := take(); len(first) != 1 || len(again) != 0 {
		t.Fatalf("claimed %d rows, then %d; want 1, then 0", len(first), len(again))
	}
	w.clock.move(leaseFor + time.Second)
	second := take()
	if len(second) != 1 {
		t.Fatalf("after the lease: %d rows, want 1", len(second))
	}
	if err := w.attempt(ctx, first[0], false); !errors.Is(err, errLost) {
		t.Errorf("who lost the lease: %v, want %v", err, errLost)
	}
	if n := w.number(`SELECT count(*) FROM posts`); n != 0 {
		t.Errorf("posts = %d, want none of who lost the lease", n)
	}
	if ours, err := finish(ctx, w.db, first[0], end{outcome: "ignored"}); ours || err != nil {
		t.Errorf("who lost the lease ends it: %v, %v", ours, err)
	}
	if err := putBack(ctx, w.db, first[0], true, w.clock.now().Add(time.Hour), 5); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM inbox_queue WHERE lease_until IS NOT NULL AND NOT slow`); n != 1 {
		t.Error("who lost the lease put it back")
	}
	if err := w.shift(ctx, second, false); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM posts`); n != 1 {
		t.Errorf("posts = %d, want 1", n)
	}
}

func TestGivenUp(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	there := newPeer(t)
	group := newPeer(t).group("garden")
	bob := there.person("bob")
	w.follower(group)
	note := bob.note("never")
	there.shows(strings.TrimPrefix(note["id"].(string), there.URL), 503)
	a := group.does("Announce", note["id"])
	group.posts(w, a)
	for range lives + 2 {
		w.drain()
		w.clock.move(7 * time.Hour)
	}
	if outcome, reason := w.outcome(a["id"].(string)); outcome != "dead" || reason == "" {
		t.Errorf("outcome = %s %q, want dead and why", outcome, reason)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempts := int16(0); attempts <= lives; attempts++ {
		if d := backoff(attempts, 0); d < 5*time.Second || d > 6*time.Hour {
			t.Errorf("after %d tries: %v, want between 5 s and 6 h", attempts, d)
		}
	}
	if d := backoff(1, 3*time.Hour); d != 3*time.Hour {
		t.Errorf("asked for 3 h: %v", d)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	bob.tells(w, bob.does("Like", bob.URL+"/1"))
	bob.tells(w, bob.does("Undo", bob.does("Like", bob.URL+"/2")))
	var since time.Time
	check := func(bodies, undone int) {
		t.Helper()
		if err := w.Sweep(t.Context(), since); err != nil {
			t.Fatal(err)
		}
		since = w.clock.now()
		if n := w.number(`SELECT count(body) FROM received`); n != bodies {
			t.Errorf("bodies = %d, want %d", n, bodies)
		}
		if n := w.number(`SELECT count(*) FROM undone`); n != undone {
			t.Errorf("undone = %d, want %d", n, undone)
		}
	}
	check(2, 1)
	w.clock.move(2 * time.Hour)
	check(2, 0)
	w.clock.move(31 * 24 * time.Hour)
	check(0, 0)
	if n := w.number(`SELECT count(*) FROM received`); n != 2 {
		t.Errorf("received = %d, want 2: ids stay", n)
	}
}

func TestFinal(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.Kind]bool{
		fault.NotFound: true, fault.Gone: true, fault.Forbidden: true, fault.Invalid: true, fault.Conflict: true,
		fault.Unavailable: false, fault.TooMany: false, fault.Internal: false,
	} {
		if got := final(fault.New(kind, "x")); got != want {
			t.Errorf("%d: %t, want %t", kind.Status(), got, want)
		}
	}
}

// TestCorpus sends what other servers have really sent, signed by somebody else.
func TestCorpus(t *testing.T) {
	t.Parallel()
	folder, lines := corpus(t)
	w := newTown(t)
	eve := newPeer(t).person("eve")
	eve.tells(w, eve.does("Like", eve.URL+"/1"))
	counts := func() string { _, rest, _ := strings.Cut(w.rows(), "; "); return rest }
	before, sent := counts(), 0
	for _, line := range lines {
		if line[4] != "activity" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(folder, line[0]))
		if err != nil {
			t.Fatal(err)
		}
		sent++
		switch got := eve.posts(w, body); {
		case got == 202, got == 400, got == 401, got == 403:
		case got == 503 && bytes.Contains(body, []byte(`"proof"`)): // its key's server is not reached from here
		default:
			t.Errorf("%s: %d", line[0], got)
		}
	}
	w.drain()
	if after := counts(); after != before || sent == 0 {
		t.Errorf("%d activities of others changed %s into %s", sent, before, after)
	}
}

// TestCorpusWithoutAuthority sends as their own sender's what the index calls to be refused: each
// says something of what is not theirs.
func TestCorpusWithoutAuthority(t *testing.T) {
	t.Parallel()
	folder, lines := corpus(t)
	w := newTown(t)
	eve, bobs := newPeer(t).person("eve"), newPeer(t)
	eve.tells(w, eve.does("Follow", w.makers.Actor.IRI))
	before, sent := w.number(`SELECT count(*) FROM posts`), 0
	for _, line := range lines {
		if line[4] != "activity" || line[9] != "refuse-authority" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(folder, line[0]))
		if err != nil {
			t.Fatal(err)
		}
		for _, as := range [][2]string{{"https://evil.example.com/users/mallory", eve.IRI}, {"https://evil.example.com", eve.URL}, {"http://testserver", bobs.URL}} {
			body = bytes.ReplaceAll(body, []byte(as[0]), []byte(as[1]))
		}
		sent++
		got := eve.posts(w, body)
		w.drain()
		var a object
		if err := json.Unmarshal(body, &a); err != nil {
			t.Fatal(err)
		}
		switch {
		case got == 401, got == 403:
		case got != 202:
			t.Errorf("%s: %d", line[0], got)
		default:
			outcome, reason := w.outcome(a["id"].(string))
			if outcome != "refused" && a["signature"] == nil || outcome == "applied" {
				t.Errorf("%s is %s: %s", line[0], outcome, reason)
			}
			t.Logf("%s is %s: %s", line[0], outcome, reason)
		}
	}
	if n := w.number(`SELECT count(*) FROM posts`); n != before || sent == 0 {
		t.Errorf("%d posts came of %d activities", n-before, sent)
	}
}

// corpus is where the payloads of other servers are, and the lines of their index.
func corpus(t *testing.T) (folder string, lines [][]string) {
	t.Helper()
	if folder = os.Getenv("CORPUS"); folder == "" {
		folder = filepath.Join("..", "..", "shared", "corpus")
	}
	index, err := os.Open(filepath.Join(folder, "INDEX.tsv"))
	if err != nil {
		t.Skip("the corpus is not here")
	}
	defer index.Close()
	reader := csv.NewReader(index)
	reader.Comma, reader.LazyQuotes = '\t', true
	if lines, err = reader.ReadAll(); err != nil {
		t.Fatal(err)
	}
	return folder, lines[1:]
}
