package inbox

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"passerelles/jobs"
	"passerelles/storage/storagetest"
)

// runs works as the server does, until the test ends.
func (w *town) runs(t *testing.T) {
	t.Helper()
	engine, err := jobs.New(jobs.Options{DB: w.db, RedisURL: storagetest.Redis(t), Now: w.clock.now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range w.Sources() {
		engine.Add(source)
	}
	w.History.Register(engine)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// awaits looks until so many posts are here.
func (w *town) awaits(posts int) {
	w.t.Helper()
	const sql = `SELECT count(*) FROM posts`
	for end := time.Now().Add(30 * time.Second); w.number(sql) != posts; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%d posts are here, want %d", w.number(sql), posts)
		}
		w.clock.move(20 * time.Millisecond)
	}
}

// TestRestOfAThread sends a reply in the middle of a conversation that nobody here has seen.
func TestRestOfAThread(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := newPeer(t)
	una := p.person("una")
	start := una.note("start", object{"context": p.URL + "/thread"})
	parent := una.note("parent", object{"inReplyTo": start["id"]})
	sister := una.note("sister", object{"inReplyTo": start["id"]})
	aunt := una.note("aunt", object{"inReplyTo": start["id"]})
	start["replies"] = object{"type": "Collection", "items": []any{aunt["id"]}} // as Pleroma: it has no address
	p.shows("/thread", object{"@context": start["@context"], "id": p.URL + "/thread", "type": "OrderedCollection",
		"orderedItems": []any{start["id"], sister["id"]}})
	w.runs(t)
	if got := una.posts(w, una.does("Create", una.note("answer to Ana's friends", object{"inReplyTo": parent["id"], "cc": []string{w.anaIRI}}))); got != http.StatusAccepted {
		t.Fatalf("got %d, want 202", got)
	}
	w.awaits(5)
	if n := w.number(`SELECT count(DISTINCT root) FROM posts`); n != 1 {
		t.Errorf("they are %d threads, want one", n)
	}
	if n := w.number(`SELECT count(*) FROM activities`); n > 0 {
		t.Errorf("%d activities were sent, want none", n)
	}
}

// TestFirstFollow sees what a community showed before it accepted our follow.
func TestFirstFollow(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := newPeer(t)
	cooks, una := p.group("cooks"), p.person("una")
	soup := una.note("soup", object{"audience": cooks.IRI})
	p.shows("/u/cooks/outbox", object{"@context": soup["@context"], "id": cooks.IRI + "/outbox", "type": "OrderedCollection",
		"orderedItems": []any{cooks.does("Announce", una.does("Create", soup))}})
	group, err := w.Directory.Resolve(t.Context(), cooks.IRI)
	if err != nil {
		t.Fatal(err)
	}
	w.runs(t)
	if _, err := w.Accounts.Follow(t.Context(), w.ana.ID, group); err != nil {
		t.Fatal(err)
	}
	if n := p.asked("/u/cooks/outbox"); n > 0 {
		t.Errorf("before it answered, its outbox was asked for %d times", n)
	}
	var follow string
	if err := w.db.QueryRow(t.Context(), `SELECT iri FROM follows WHERE followee = $1`, group.ID).Scan(&follow); err != nil {
		t.Fatal(err)
	}
	if got := cooks.posts(w, cooks.does("Accept", follow)); got != http.StatusAccepted {
		t.Fatalf("got %d, want 202", got)
	}
	w.awaits(1)
	if n := w.number(`SELECT count(*) FROM posts WHERE announced AND community = $1`, group.ID); n != 1 {
		t.Error("the post is not in the community that shows it")
	}
}
