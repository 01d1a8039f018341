package inbox

import (
	"net/http"
	"strings"
	"testing"
)

// TestLargeNothings has people send much that says little: it would be kept, and passed on
// to everybody who follows.
func TestLargeNothings(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	much := strings.Repeat("x", 100<<10)
	for kind, what := range map[string]any{"Follow": w.makers.Actor.IRI, "Join": w.makers.Actor.IRI, "Like": p.IRI, "Dislike": p.IRI,
		"EmojiReact": p.IRI, "Undo": bob.does("Like", p.IRI)} {
		if got := bob.posts(w, with(bob.does(kind, what), object{"much": much})); got != http.StatusRequestEntityTooLarge {
			t.Errorf("%s of 100 KB: got %d, want 413", kind, got)
		}
	}
	follow := with(bob.does("Follow", w.makers.Actor.IRI), object{"much": strings.Repeat("y", 10<<10)})
	bob.tells(w, follow)
	bob.tells(w, with(bob.does("Follow", w.anaIRI), object{"much": strings.Repeat("y", 10<<10)}))
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Accept' AND octet_length(body) > 4000`); n > 0 {
		t.Errorf("%d answers hold what they were sent", n)
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Accept' AND position($1::bytea in body) > 0`, []byte(follow["id"].(string))); n != 1 {
		t.Error("the answer does not name the Follow")
	}
	bob.tells(w, bob.does("Create", bob.note(much, object{"cc": []string{w.anaIRI}})))
	if n := w.number(`SELECT count(*) FROM posts WHERE author <> $1`, w.ana.ID); n != 1 {
		t.Error("a long post did not come")
	}
}
