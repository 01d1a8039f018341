package documents

import (
	"strings"
	"testing"

	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// write does something in one transaction.
func (w *town) write(do func(tx storage.Tx) error) {
	w.t.Helper()
	if err := w.DB.Write(w.t.Context(), do); err != nil {
		w.t.Fatal(err)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	quoting := "https://elsewhere.example/notes/1"
	w.write(func(tx storage.Tx) error {
		return w.Posts.ReceiveQuoteRequest(t.Context(), tx, posts.QuoteRequest{By: w.makers.Actor,
			Post: w.post.IRI, Quoting: posts.In{Note: vocab.Note{ID: quoting, To: []string{vocab.Public}}}, Request: "https://elsewhere.example/q"})
	})
	var id string
	if err := w.DB.QueryRow(t.Context(), `SELECT id::text FROM quotes`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	leave := w.post.IRI + "/quotes/" + id
	g := w.get(leave)
	if g.StatusCode != 200 {
		t.Fatalf("leave: %d %s", g.StatusCode, g.body)
	}
	d := g.json(t)
	for field, want := range map[string]string{"id": leave, "type": "QuoteAuthorization", "interactingObject": quoting,
		"interactionTarget": w.post.IRI, "attributedTo": w.post.Author.IRI} {
		if d[field] != want {
			t.Errorf("%s = %v, want %s", field, d[field], want)
		}
	}
	for _, not := range []string{w.post.IRI + "/quotes/1", w.reply.IRI + "/quotes/" + id, w.post.IRI + "/quotes/99999999999999999999"} {
		if g := w.get(not); g.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", not, g.StatusCode)
		}
	}
	if err := w.Posts.Delete(t.Context(), w.ana.ID, w.post.ID); err != nil {
		t.Fatal(err)
	}
	if g := w.get(leave); g.StatusCode != 404 && g.StatusCode != 410 {
		t.Errorf("leave to quote what is gone: %d", g.StatusCode)
	}
}

func TestFeatured(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	feature := func(holds bool) {
		w.at = w.at.Add(1e9)
		w.write(func(tx storage.Tx) error {
			_, err := w.Posts.ReceiveMark(t.Context(), tx, posts.Mark{Community: w.makers.Actor, Post: w.post.IRI, Kind: posts.Featured,
				Holds: holds, At: w.at})
			return err
		})
	}
	listed := func() bool { return strings.Contains(string(w.get(w.makers.Actor.IRI+"/featured").body), w.post.IRI) }
	feature(true)
	if !listed() {
		t.Error("what is featured is not listed")
	}
	feature(false)
	if listed() {
		t.Error("what is featured no more is listed")
	}
}
