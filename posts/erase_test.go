package posts_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"passerelles/posts"
)

type kept struct {
	IRI, Type string
	Body      []byte
}

// about reads what we sent about a post, in order.
func (tw *town) about(t testing.TB, object string) []kept {
	t.Helper()
	rows, _ := tw.db.Query(t.Context(), `
		SELECT iri, type, body
		FROM activities
		WHERE object = $1
		ORDER BY id`, object) // CollectRows returns Query's error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[kept])
	check(t, err)
	return all
}

// TestErase deletes one of two posts: nothing that we keep holds its text any more,
// its ids stand, the other is whole, and its Delete goes to all who got it.
func TestErase(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	const secret, open = "Le code est 4711.", "Samedi."
	gone, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "Clé", Text: secret})
	check(t, err)
	stays, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "Atelier", Text: open})
	check(t, err)
	before := tw.about(t, gone.IRI)
	if n := holding(before, "4711"); n < 2 {
		t.Fatalf("%d activities hold the text, want its Create and its Announce", n)
	}
	check(t, tw.posts.Delete(t.Context(), tw.ana.ID, gone.ID))

	after := tw.about(t, gone.IRI)
	if n := holding(after, "4711"); n != 0 {
		t.Errorf("%d activities still hold the text", n)
	}
	for i, a := range before {
		if after[i].IRI != a.IRI || after[i].Type != a.Type {
			t.Errorf("%s %s became %s %s: ids stay", a.Type, a.IRI, after[i].Type, after[i].IRI)
		}
	}
	deletes := after[len(before):]
	if n := holding(deletes, "Delete"); n < 2 || holding(deletes, gone.IRI) != len(deletes) {
		t.Errorf("%d of %d activities tell of the deletion", n, len(deletes))
	}
	if n := holding(tw.about(t, stays.IRI), open); n < 2 {
		t.Errorf("%d activities hold the text of the other post, want all", n)
	}
	var missed int
	check(t, tw.db.QueryRow(t.Context(), `
		SELECT count(*)
		FROM (SELECT DISTINCT d.inbox FROM deliveries d JOIN activities a ON a.id = d.activity WHERE a.object = $1 AND a.body = '') AS got
		WHERE inbox NOT IN (SELECT d.inbox FROM deliveries d JOIN activities a ON a.id = d.activity WHERE a.object = $1 AND a.body <> '')`,
		gone.IRI).Scan(&missed))
	if missed != 0 {
		t.Errorf("%d inboxes that get the post do not get its end", missed)
	}
}

func holding(all []kept, text string) (n int) {
	for _, a := range all {
		if strings.Contains(string(a.Body), text) {
			n++
		}
	}
	return n
}
