package departures_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/reading"
)

// TestReadingIsTheirs: what a member set up for their own reading is in their archive, and goes with them.
func TestReadingIsTheirs(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, bob := t.Context(), tw.bob.ID
	starter, _, _ := tw.lives(t)
	s := reading.NewService(reading.Options{DB: tw.db, Now: tw.clock})
	check(t, s.Bookmark(ctx, bob, starter.ID))
	check(t, s.FollowTag(ctx, bob, "Bois"))
	check(t, s.Note(ctx, bob, tw.ana.ID, "menuisière"))
	l, err := s.NewList(ctx, bob, reading.List{Title: "Proches"})
	check(t, err)
	check(t, s.AddTo(ctx, bob, l.ID, []actors.ID{tw.makers.Actor.ID}))
	_, err = s.SetFilter(ctx, bob, reading.Filter{Title: "Bruit", Contexts: []string{"home"}}, []reading.WordChange{{Word: reading.Word{Word: "marteau"}}})
	check(t, err)

	var b bytes.Buffer
	check(t, tw.Export(ctx, tw.bob, &b))
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	check(t, err)
	file, err := archive.Open("reading.json")
	check(t, err)
	text, err := io.ReadAll(file)
	check(t, err)
	for _, want := range []string{`"bookmarks":["` + starter.IRI + `"]`, `"hashtags":["Bois"]`, `"words":"menuisière"`, `"title":"Proches","accounts":["` + tw.makers.Actor.IRI,
		`"words":["marteau"]`, `"muted_servers":[]`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("reading.json lacks %s: %s", want, text)
		}
	}

	check(t, tw.Leave(ctx, bob))
	check(t, tw.Erase(ctx, bob))
	for _, table := range []string{"bookmarks", "lists", "list_accounts", "filters", "filter_words", "followed_tags", "account_notes"} {
		var n int
		check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM `+table).Scan(&n))
		if n != 0 {
			t.Errorf("%d rows of %s stay", n, table)
		}
	}
}
