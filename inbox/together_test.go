package inbox

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/storage"
)

// told is an activity and who sends it.
type told struct {
	by       *remote
	activity object
}

// busyDay is much of what may stand in one batch: new posts, and what is about them.
func busyDay(t *testing.T, w *town) []told {
	bob, eve, mallory, stranger := newPeer(t).person("bob"), newPeer(t).person("eve"), newPeer(t).person("mallory"), newPeer(t).person("x")
	for _, r := range []*remote{bob, eve, mallory, stranger} {
		r.tells(w, r.does("Like", r.IRI+"/nothing")) // so that they are known
	}
	w.block(mallory)
	reply := func(by *remote, text string, to object) told {
		return told{by, by.does("Create", by.note(text, w.toMakers(), object{"inReplyTo": to["id"]}))}
	}
	create := func(by *remote, note object) told { return told{by, by.does("Create", note)} }

	first, gone, liked := bob.note("first", w.toMakers()), bob.note("gone", w.toMakers()), bob.note("liked", w.toMakers())
	parent, unwanted := bob.note("parent", w.toMakers()), mallory.note("unwanted", w.toMakers())
	nowhere := stranger.note("nowhere")
	named := bob.note("named", object{"tag": []object{{"type": "Mention", "href": w.anaIRI}}})
	direct := bob.note("direct", object{"to": []string{w.anaIRI}, "cc": []string{}})
	edited := clone(first)
	edited["content"], edited["updated"] = "<p>edited</p>", "2026-03-14T12:30:00Z"
	stolen := bob.note("stolen", w.toMakers())
	bob.tells(w, bob.does("Delete", gone["id"]))
	eve.tells(w, eve.does("Like", liked["id"]))
	known, awaited := bob.note("known", w.toMakers()), bob.note("awaited", w.toMakers())
	bob.tells(w, bob.does("Create", known))
	bob.shows(strings.TrimPrefix(awaited["id"].(string), bob.URL), 404)
	eve.tells(w, reply(eve, "waits", awaited).activity)
	return []told{
		create(bob, first), reply(eve, "answer", first), {eve, eve.does("Like", first["id"])}, create(bob, first),
		create(mallory, unwanted), reply(eve, "to the unwanted", unwanted), create(bob, gone), create(bob, liked), create(bob, known), create(bob, awaited),
		create(stranger, nowhere), {stranger, stranger.does("Create", stranger.note("to nowhere", object{"inReplyTo": nowhere["id"]}))},
		reply(eve, "before its parent", parent), create(bob, parent), create(bob, named), create(bob, direct),
		create(eve, stolen), {eve, eve.does("Follow", w.makers.Actor.IRI)}, {bob, bob.does("Update", edited)},
		create(eve, eve.note("after the follow", w.toMakers())),
	}
}

// TestTogether applies a day once in one batch and once each by itself.
func TestTogether(t *testing.T) {
	t.Parallel()
	together, apart := newTown(t), newTown(t)
	day := busyDay(t, together)
	for _, d := range day {
		if got := d.by.posts(together, d.activity); got != 202 {
			t.Fatalf("%v: %d", d.activity, got)
		}
	}
	rows, err := claim(t.Context(), together.db, false, true, quickBatch, together.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	left := together.together(t.Context(), rows)
	if ended := len(rows) - len(left); ended != 6 {
		t.Errorf("%d of %d went together, want 6: first, answer, parent, named, direct, after the follow", ended, len(rows))
	}
	if err := together.shift(t.Context(), left, false); err != nil {
		t.Fatal(err)
	}
	together.drain()

	dayApart := busyDay(t, apart)
	for _, d := range dayApart {
		d.by.tells(apart, d.activity)
	}
	if got, want := together.story(day), apart.story(dayApart); got != want {
		t.Errorf("together:\n%s\napart:\n%s", got, want)
	}
}

// story tells how each activity of a day ended, and what is left of it all.
func (w *town) story(day []told) string {
	var lines []string
	var people []*remote
	for i, d := range day {
		outcome, reason := w.outcome(d.activity["id"].(string))
		lines = append(lines, fmt.Sprintf("%d %s %s %s", i, d.activity["type"], outcome, reason))
		if !slices.Contains(people, d.by) {
			people = append(people, d.by)
		}
	}
	lines = append(lines, w.endState(people...),
		fmt.Sprint("mentions ", w.number(`SELECT count(*) FROM post_mentions`)),
		fmt.Sprint("announces ", w.number(`SELECT count(*) FROM activities WHERE type = 'Announce'`)),
		fmt.Sprint("for eve's server ", w.number(`SELECT count(*) FROM deliveries d JOIN activities a ON a.id = d.activity WHERE a.type = 'Accept'`)),
		fmt.Sprint("waiting ", w.number(`SELECT count(*) FROM inbox_queue`)))
	return strings.ReplaceAll(strings.Join(lines, "\n"), fmt.Sprint(w.makers.Actor.ID), "makers")
}

func (w *town) block(who *remote) {
	w.t.Helper()
	_, err := w.db.Exec(w.t.Context(), `
		INSERT INTO blocks (blocker, blocked, since)
		SELECT $1, id, now() FROM actors WHERE iri = $2`, w.makers.Actor.ID, who.IRI)
	if err != nil {
		w.t.Fatal(err)
	}
}

// batchOf sends new posts and claims them.
func batchOf(t *testing.T, w *town, texts ...string) []waiting {
	t.Helper()
	bob := newPeer(t).person("bob")
	for _, text := range texts {
		if got := bob.posts(w, bob.does("Create", bob.note(text, w.toMakers()))); got != 202 {
			t.Fatalf("%s: %d", text, got)
		}
	}
	rows, err := claim(t.Context(), w.db, false, true, quickBatch, w.clock.now())
	if err != nil || len(rows) != len(texts) {
		t.Fatalf("claimed %d rows of %d, %v", len(rows), len(texts), err)
	}
	return rows
}

func TestTogetherWithoutLease(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rows := batchOf(t, w, "one", "two", "three")
	if _, err := w.db.Exec(t.Context(), `UPDATE inbox_queue SET lease = lease + 1 WHERE received = $1`, rows[1].Received); err != nil {
		t.Fatal(err)
	}
	if left := w.together(t.Context(), rows); len(left) != 3 {
		t.Errorf("%d rows left, want all", len(left))
	}
	if n := w.number(`SELECT count(*) FROM posts`); n != 0 {
		t.Errorf("posts = %d, want none of who lost a lease", n)
	}
}

func TestTogetherWithPoison(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if _, err := w.db.Exec(t.Context(), `ALTER TABLE posts ADD CHECK (content NOT LIKE '%poison%')`); err != nil {
		t.Fatal(err)
	}
	if err := w.shift(t.Context(), batchOf(t, w, "one", "poison", "three"), false); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM posts`); n != 2 {
		t.Errorf("posts = %d, want the two that can be kept", n)
	}
	if n := w.number(`SELECT count(*) FROM inbox_queue WHERE attempts = 1 AND lease_until IS NULL`); n != 1 {
		t.Errorf("%d rows put off, want that of the poison", n)
	}
}

// TestRecordedTogether keeps at one moment what PostgreSQL takes and what it does not.
func TestRecordedTogether(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if _, err := w.db.Exec(t.Context(), `ALTER TABLE received ADD CHECK (actor NOT LIKE '%eve')`); err != nil {
		t.Fatal(err)
	}
	receiptOf := func(name string, n int) receipt {
		e := envelope{body: []byte("{}"), origin: "https://there.example"}
		e.Type, e.Actor, e.ID = "Create", "https://there.example/"+name, fmt.Sprintf("https://there.example/%s/%d", name, n)
		return w.receipt(e, actors.Actor{IRI: e.Actor}, federation.Signed{Value: []byte(e.ID)})
	}
	if kept, err := w.recordAll(t.Context(), []receipt{receiptOf("bob", 0), receiptOf("bob", 0)}); err != nil || !kept[0] {
		t.Errorf("the same twice: %v, %v", kept, err)
	}

	// The first statement waits for this lock, the others for the first.
	letGo := hold(t, w, `LOCK TABLE received IN ACCESS EXCLUSIVE MODE`)
	var all sync.WaitGroup
	for n := 1; n <= 20; n++ {
		all.Go(func() {
			if kept, err := w.record(t.Context(), receiptOf("bob", n)); err != nil || !kept {
				t.Errorf("bob's %d: %v, %v", n, kept, err)
			}
		})
		all.Go(func() {
			if kept, err := w.record(t.Context(), receiptOf("eve", n)); err == nil || kept {
				t.Errorf("eve's %d was kept", n)
			}
		})
	}
	w.awaitLock()
	letGo()
	all.Wait()
	if n := w.number(`SELECT count(*) FROM inbox_queue`); n != 21 {
		t.Errorf("%d wait, want 21", n)
	}
}

// TestDeletedBefore queues what was deleted before it came: no batch may overtake that.
func TestDeletedBefore(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
	bob.tells(w, bob.does("Like", bob.IRI+"/nothing"))
	eve.tells(w, eve.does("Like", eve.IRI+"/nothing"))
	gone, late := bob.note("gone", w.toMakers()), eve.note("late", w.toMakers())
	for _, d := range []told{
		{eve, eve.does("Create", eve.note("before", w.toMakers()))},
		{eve, eve.does("Delete", eve.IRI)}, {eve, eve.does("Create", late)},
		{bob, bob.does("Delete", gone["id"])}, {bob, bob.does("Create", gone)},
		{bob, bob.does("Create", bob.note("other", w.toMakers()))},
	} {
		if got := d.by.posts(w, d.activity); got != 202 {
			t.Fatalf("%v: %d", d.activity, got)
		}
	}
	w.drain()
	if n := w.number(`SELECT count(*) FROM posts WHERE iri = $1`, late["id"]); n != 0 {
		t.Error("somebody who is gone wrote a post")
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE object = $1`, gone["id"]); n != 0 {
		t.Errorf("%d announces of what was deleted", n)
	}
}

// TestBulky keeps what is large away from what is not.
func TestBulky(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rows := batchOf(t, w, "one", strings.Repeat("bulky ", bulky/6), "three", "four")
	if rows[1].Body != nil {
		t.Error("a bulky body was claimed with the others")
	}
	left := w.together(t.Context(), rows)
	if len(left) != 1 || left[0].Received != rows[1].Received {
		t.Errorf("%d rows left, want the bulky one", len(left))
	}
	if err := w.shift(t.Context(), left, false); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM posts WHERE content LIKE '%bulky%'`); n != 1 {
		t.Error("the bulky one is not here")
	}
}

// TestPoisonIsLeftAlone sees that who failed once is tried by itself from then on.
func TestPoisonIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	if _, err := w.db.Exec(t.Context(), `ALTER TABLE posts ADD CHECK (content NOT LIKE '%poison%')`); err != nil {
		t.Fatal(err)
	}
	if err := w.shift(t.Context(), batchOf(t, w, "poison"), false); err != nil {
		t.Fatal(err)
	}
	w.clock.move(time.Hour)
	bob := newPeer(t).person("bob")
	for _, text := range []string{"one", "two", "three"} {
		bob.posts(w, bob.does("Create", bob.note(text, w.toMakers())))
	}
	rows, err := claim(t.Context(), w.db, false, true, quickBatch, w.clock.now())
	if err != nil || len(rows) != 4 {
		t.Fatalf("claimed %d, %v", len(rows), err)
	}
	if left := w.together(t.Context(), rows); len(left) != 1 {
		t.Errorf("%d rows left, want the poison", len(left))
	}
}

// TestRecordsWithoutDatabase sees that who waits for a database that hangs goes when it
// has waited enough.
func TestRecordsWithoutDatabase(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	letGo := hold(t, w, `LOCK TABLE received IN ACCESS EXCLUSIVE MODE`)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	for n := range 10 {
		go func() {
			_, err := w.record(ctx, receipt{iri: fmt.Sprint(n), kind: "Like", signature: hash(fmt.Sprint(n)), digest: hash("x"),
				outcome: applied.outcome, arrived: w.Now()})
			ended <- err
		}()
	}
	w.awaitLock()
	cancel()
	for range 9 { // one leads, and sees its statement through
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("who waited: %v", err)
		}
	}
	letGo()
	<-ended
}

// hold runs a statement in a transaction that stays open until it is let go.
func hold(t *testing.T, w *town, sql string) (letGo func()) {
	t.Helper()
	held, free, ended := make(chan bool), make(chan bool), make(chan error, 1)
	go func() {
		ended <- w.db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := tx.Exec(t.Context(), sql)
			close(held)
			<-free
			return err
		})
	}()
	<-held
	return func() {
		close(free)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// awaitLock waits until somebody waits for a lock.
func (w *town) awaitLock() {
	w.t.Helper()
	for w.number(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		runtime.Gosched()
	}
}
