package outbox

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/acts"
	"passerelles/storage"
)

const day = 24 * time.Hour

// TestSixteenDays lets sixteen days pass while a group writes in three threads and
// its followers' servers are down, each for longer. Who is back in fourteen days
// gets all of it, in order in each thread; of who is not, an administrator sees
// what was given up, and sends it again.
func TestSixteenDays(t *testing.T) {
	t.Parallel()
	outages := []time.Duration{time.Hour, day, 6 * day, 13 * day, 15 * day}
	w := newTown(t, len(outages))
	got := make([][]string, len(outages))
	for i, p := range w.peers {
		p.answer(func(_ int, body string) (int, string) {
			switch up := !w.clock.Now().Before(start.Add(outages[i])); {
			case up:
				got[i] = append(got[i], body)
				return http.StatusAccepted, ""
			case i%2 == 0:
				panic(http.ErrAbortHandler) // the connection breaks
			}
			return http.StatusBadGateway, "" // its proxy answers
		})
	}
	var said []string
	for n := 0; w.clock.Now().Before(start.Add(16 * day)); n++ {
		if n%6 == 0 { // each three hours
			said = append(said, w.post(t, int64(n/6%3)))
		}
		w.work(t)
		w.clock.Advance(30 * time.Minute)
	}
	for i, outage := range outages[:4] {
		if want := threads(said); !slices.Equal(threads(got[i]), want) {
			t.Errorf("after %v: %d of %d came, or in another order:\n%q", outage, len(got[i]), len(said), threads(got[i]))
		}
		if n := count(t, w.db, "dead_letters WHERE host = $1", w.peers[i].host); n != 0 {
			t.Errorf("after %v: %d dead letters", outage, n)
		}
	}

	last := w.peers[4]
	letters, err := Letters(t.Context(), w.db, last.name, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	given := len(letters)
	if given == 0 || given > 12 { // those of the first day, and of the hours until it was tried again
		t.Fatalf("%d dead letters, want those of the first day", given)
	}
	if l := letters[0]; l.Host != last.name || l.DiedAt.Sub(start) < 14*day || l.Reason == "" {
		t.Errorf("the letter is %+v", l)
	}
	if want := threads(said[given:]); !slices.Equal(threads(got[4]), want) {
		t.Errorf("after 15 days: %d of %d came, or in another order:\n%q", len(got[4]), len(said)-given, threads(got[4]))
	}
	if err := w.db.Write(t.Context(), func(tx storage.Tx) error {
		n, err := RetryLetters(t.Context(), tx, last.name, acts.By{}, time.Now())
		if n != int64(given) {
			t.Errorf("%d put back, want %d", n, given)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	got[4] = nil
	w.clock.Advance(markLasts)
	w.work(t)
	if want := threads(said[:given]); !slices.Equal(threads(got[4]), want) {
		t.Errorf("sent again: %q, want %q", threads(got[4]), want)
	}
	if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting+dead != 0 {
		t.Errorf("%d wait and %d are dead at the end", waiting, dead)
	}
}

// threads puts what was said in order of thread, leaving each as it is.
func threads(said []string) []string {
	said = slices.Clone(said)
	slices.SortStableFunc(said, func(a, b string) int {
		of := func(text string) string { thread, _, _ := strings.Cut(text, ","); return thread }
		return strings.Compare(of(a), of(b))
	})
	return said
}

// TestErased: what is erased while it waits is not sent, what follows is.
func TestErased(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	w.post(t, 1)
	gone := w.activity("secret", 1)
	gone.Object = "https://here.example/posts/1"
	w.send(t, Audience{FollowersOf: []actors.ID{w.group.ID}}, gone)
	if err := w.db.Write(t.Context(), func(tx storage.Tx) error { return Erase(t.Context(), tx, gone.Object) }); err != nil {
		t.Fatal(err)
	}
	end := w.activity("its end", 1)
	end.Type, end.Object = "Delete", gone.Object
	w.send(t, Audience{FollowersOf: []actors.ID{w.group.ID}}, end)
	w.work(t)
	if got, want := w.peers[0].received(), []string{"thread 1, post 1", "its end"}; !slices.Equal(got, want) {
		t.Errorf("came: %q, want %q", got, want)
	}
	if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting+dead != 0 {
		t.Errorf("%d wait and %d are dead", waiting, dead)
	}
}

// TestErasedAfterATry: what is erased after its host was tried in vain is not sent either,
// though it was read for that try.
func TestErasedAfterATry(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1)
	p := w.peers[0]
	gone := w.activity("secret", 1)
	gone.Object = "https://here.example/posts/1"
	p.answer(always(http.StatusServiceUnavailable))
	w.send(t, Audience{FollowersOf: []actors.ID{w.group.ID}}, gone)
	w.work(t)
	tried := len(p.received())
	if tried == 0 {
		t.Fatal("it was not tried")
	}
	if err := w.db.Write(t.Context(), func(tx storage.Tx) error { return Erase(t.Context(), tx, gone.Object) }); err != nil {
		t.Fatal(err)
	}
	end := w.activity("its end", 1)
	end.Type, end.Object = "Delete", gone.Object
	w.send(t, Audience{FollowersOf: []actors.ID{w.group.ID}}, end)
	p.answer(nil)
	w.sleepOut(t, p)
	w.work(t)
	if got, want := p.received()[tried:], []string{"its end"}; !slices.Equal(got, want) {
		t.Errorf("came: %q, want %q", got, want)
	}
	if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting+dead != 0 {
		t.Errorf("%d wait and %d are dead", waiting, dead)
	}
}

// TestTakenAwayWhileItWaits: what its community elsewhere takes away, here for its author
// alone, is sent to that community's server and to no other; its end is, and what another
// community says counts for nothing.
func TestTakenAwayWhileItWaits(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2)
	p, theirs := w.peers[0], w.peers[1]
	hide := func(post, mark string, community int64, holds bool) {
		run(t, w.db, `
			INSERT INTO post_marks (post, community, mark, holds, said_at)
			VALUES ($1, $2, $3, $4, $5)`, post, community, mark, holds, start)
	}
	addFollower(t, w.db, 50, w.group.ID, theirs.host, theirs.inbox) // stands for a community there
	addFollower(t, w.db, 51, w.group.ID, theirs.host, theirs.inbox) // and for another
	for i, name := range []string{"removed", "withdrawn", "locked", "back", "another's"} {
		post := w.activity(name, 1)
		post.Object = "https://here.example/posts/" + name
		run(t, w.db, `
			INSERT INTO posts (id, iri, author, local, community, root, scope, content, published, arrived_at)
			VALUES ($1, $2, $3, true, 50, $1, 'public', '', $4, $4)`, i+1, post.Object, w.group.ID, start)
		w.send(t, Audience{FollowersOf: []actors.ID{w.group.ID}}, post)
		end := w.activity(name+", its end", 1)
		end.Type, end.Object = "Delete", post.Object
		w.send(t, Audience{FollowersOf: []actors.ID{w.group.ID}}, end)
	}
	hide("https://here.example/posts/removed", "removed", 50, true)
	hide("https://here.example/posts/withdrawn", "withdrawn", 50, true)
	hide("https://here.example/posts/locked", "locked", 50, true)
	hide("https://here.example/posts/back", "removed", 50, false)
	hide("https://here.example/posts/another's", "removed", 51, true)
	w.work(t)
	want := []string{"removed, its end", "withdrawn, its end", "locked", "locked, its end", "back", "back, its end",
		"another's", "another's, its end"}
	if got := p.received(); !slices.Equal(got, want) {
		t.Errorf("came: %q, want %q", got, want)
	}
	if got := theirs.received(); len(got) != 10 {
		t.Errorf("to the community's own server came %q, want all", got)
	}
	if waiting, dead := count(t, w.db, "deliveries"), count(t, w.db, "dead_letters"); waiting+dead != 0 {
		t.Errorf("%d wait and %d are dead", waiting, dead)
	}
}
