package documents

import (
	"strings"
	"testing"

	"passerelles/posts"
	"passerelles/storage"
)

// TestHidden takes a public post away, by a mark of its community or by closing the
// community: what was said of it when everybody saw it is shown no more than the post.
func TestHidden(t *testing.T) {
	t.Parallel()
	cases := map[string]func(w *town){
		"removed": func(w *town) {
			w.write(func(tx storage.Tx) error {
				_, err := w.Posts.ReceiveMark(t.Context(), tx, posts.Mark{Community: w.makers.Actor, Post: w.post.IRI,
					Kind: posts.Removed, Holds: true, By: w.ana.ID, At: w.at})
				return err
			})
		},
		"confidential": func(w *town) {
			if _, err := w.DB.Exec(t.Context(), `UPDATE communities SET access = 'confidential' WHERE actor = $1`, w.makers.Actor.ID); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, hide := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			said := w.saidOf(w.post.IRI)
			for _, iri := range said {
				if g := w.get(iri); g.StatusCode != 200 {
					t.Fatalf("before, %s: %d", iri, g.StatusCode)
				}
			}
			hide(w)
			if g := w.get(w.post.IRI); g.StatusCode != 404 {
				t.Fatalf("the post: %d, want 404", g.StatusCode)
			}
			for _, iri := range said {
				if g := w.get(iri); g.StatusCode != 404 {
					t.Errorf("%s: %d, want 404: %s", iri, g.StatusCode, g.body)
				}
			}
			for _, outbox := range []string{w.post.Author.Outbox, w.makers.Actor.Outbox} {
				if g := w.get(outbox + "?page=true"); strings.Contains(string(g.body), "Which glue?") || strings.Contains(string(g.body), said[0]) {
					t.Errorf("%s shows it: %d %s", outbox, g.StatusCode, g.body)
				}
			}
		})
	}
}

// saidOf gives the IRIs of what stands in public outboxes about a post.
func (w *town) saidOf(post string) (iris []string) {
	w.t.Helper()
	err := w.DB.QueryRow(w.t.Context(), `
		SELECT array_agg(iri ORDER BY id)
		FROM activities
		WHERE object = $1 AND listed`, post).Scan(&iris)
	if err != nil || len(iris) == 0 {
		w.t.Fatalf("said of %s: %v, %v", post, iris, err)
	}
	return iris
}
