package inbox

import (
	"slices"
	"testing"
	"time"

	"passerelles/jobs"
)

// TestWhoNeverGaveItBack lets drainers take rows and die. What was in their hands is tried
// by itself from then on, and what was there each time is given up at last.
func TestWhoNeverGaveItBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	all := batchOf(t, w, "killer", "harmless", "also") // these are claimed, and their drainer dies
	w.clock.move(leaseFor + time.Second)
	fresh := batchOfNext(t, w)
	claims := func(alone bool) (places []int) {
		t.Helper()
		rows, err := claim(t.Context(), w.db, false, alone, quickBatch, w.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			places = append(places, slices.IndexFunc(all, func(a waiting) bool { return a.Received == r.Received }))
		}
		return places
	}
	// Each by itself; only then those that nobody died of. Each drainer dies.
	for i, want := range [][]int{{0}, {1}, {2}, {-1}, nil} {
		if got := claims(false); !slices.Equal(got, want) {
			t.Errorf("claim %d after one death: %v, want %v", i, got, want)
		}
	}
	w.clock.move(leaseFor + time.Second)
	for i, want := range []struct {
		alone bool
		rows  []int
	}{{false, []int{-1}}, {false, nil}, {true, []int{0}}} {
		if got := claims(want.alone); !slices.Equal(got, want.rows) {
			t.Errorf("claim %d after two deaths: %v, want %v", i, got, want.rows)
		}
	}
	for range 2 { // three and four
		w.clock.move(leaseFor + time.Second)
		if got := claims(true); !slices.Equal(got, []int{0}) {
			t.Errorf("claimed alone: %v, want the killer", got)
		}
	}
	// The killer kills for the fifth time, the last; the others have not been touched since.
	w.clock.move(leaseFor + time.Second)
	w.drain()
	for i, want := range []string{"dead", "applied", "applied"} {
		if outcome, reason := w.outcome(all[i].IRI); outcome != want {
			t.Errorf("%d: %s %q, want %s", i, outcome, reason, want)
		}
	}
	if outcome, _ := w.outcome(fresh); outcome != "applied" {
		t.Errorf("what came later: %s, want applied", outcome)
	}
}

// TestFiveDeaths gives up what five died of, as docs/operations.md says, and not what four did:
// a server may be killed for other reasons.
func TestFiveDeaths(t *testing.T) {
	t.Parallel()
	for deaths, want := range map[int]string{4: "applied", 5: "dead"} {
		w := newTown(t)
		one := batchOf(t, w, "one")[0] // whoever claims it here is the first to die
		for range deaths - 1 {
			w.clock.move(leaseFor + time.Second)
			if rows, err := claim(t.Context(), w.db, false, true, quickBatch, w.clock.now()); err != nil || len(rows) != 1 {
				t.Fatalf("claimed %v, %v; want one", rows, err)
			}
		}
		w.clock.move(leaseFor + time.Second)
		w.drain()
		if outcome, reason := w.outcome(one.IRI); outcome != want {
			t.Errorf("after %d deaths: %s %q, want %s", deaths, outcome, reason, want)
		}
	}
}

// batchOfNext has one more activity come, and leaves it in the queue.
func batchOfNext(t *testing.T, w *town) (iri string) {
	t.Helper()
	bob := newPeer(t).person("bob")
	a := bob.does("Create", bob.note("fresh", w.toMakers()))
	if got := bob.posts(w, a); got != 202 {
		t.Fatal(got)
	}
	return a["id"].(string)
}

// TestDeathsAreForgiven sees that who gives a row back, whatever came of it, did not die of it.
func TestDeathsAreForgiven(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	batchOf(t, w, "one")
	for range 2 * jobs.MostDeaths {
		w.clock.move(leaseFor + time.Second)
		rows, err := claim(t.Context(), w.db, false, true, quickBatch, w.clock.now())
		if err != nil || len(rows) != 1 || rows[0].Deaths != 1 {
			t.Fatalf("claimed %v, %v; want one of one death", rows, err)
		}
		if err := putBack(t.Context(), w.db, rows[0], false, w.clock.now(), 0); err != nil {
			t.Fatal(err)
		}
		if rows, err = claim(t.Context(), w.db, false, false, quickBatch, w.clock.now()); err != nil || len(rows) != 1 || rows[0].Deaths != 0 {
			t.Fatalf("claimed %v, %v; want one of no death", rows, err)
		}
	}
}
