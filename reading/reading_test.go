package reading_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/reading"
	"passerelles/storage/storagetest"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newService(t *testing.T, names ...string) (*reading.Service, []actors.ID) {
	t.Helper()
	db, iris := storagetest.New(t), federation.IRIs{Origin: "https://town.example"}
	dir := actors.New(actors.Options{DB: db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32)})
	_, err := dir.EnsureServer(t.Context())
	check(t, err)
	people := accounts.NewService(accounts.Options{DB: db, Directory: dir, IRIs: iris})
	var ids []actors.ID
	for _, name := range names {
		m, err := people.Create(t.Context(), accounts.New{Name: name, Email: name + "@town.example", Password: "correct horse battery"})
		check(t, err)
		ids = append(ids, m.ID)
	}
	return reading.NewService(reading.Options{DB: db}), ids
}

func TestMatch(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	past, later := now.Add(-time.Second), now.Add(time.Second)
	for _, c := range []struct {
		name, word, said string
		whole            bool
		until            *time.Time
		want             bool
	}{
		{"a word", "scie", "Qui a une SCIE?", true, nil, true},
		{"a part of one", "scie", "La science", true, nil, false},
		{"a part of one, where parts count", "scie", "La science", false, nil, true},
		{"before an accent", "cote", "Le cotéau", true, nil, false},
		{"between accents", "été", "répétée", true, nil, false},
		{"alone with accents", "été", "En été, demain", true, nil, true},
		{"the second time", "scie", "science et scie", true, nil, true},
		{"a hashtag", "#scie", "voir #scie", true, nil, true},
		{"a hashtag after a letter", "#scie", "a#scie", true, nil, true},
		{"two words", "à vendre", "C’est à vendre.", true, nil, true},
		{"an underscore", "scie", "scie_ronde", true, nil, false},
		{"over", "scie", "scie", true, &past, false},
		{"over at this moment", "scie", "scie", true, &now, false},
		{"not over", "scie", "scie", true, &later, true},
		{"nothing", "scie", "", true, nil, false},
	} {
		f := reading.Filter{ExpiresAt: c.until, Words: []reading.Word{{Word: c.word, Whole: c.whole}}}
		hits := reading.Match([]reading.Filter{f}, now, c.said, 7)
		if got := len(hits) == 1; got != c.want {
			t.Errorf("%s: %q in %q: %v, want %v", c.name, c.word, c.said, got, c.want)
		}
	}
	held := reading.Filter{Posts: []reading.FilteredPost{{ID: 1, Post: 7}}}
	if hits := reading.Match([]reading.Filter{held}, now, "scie", 7); len(hits) != 1 || !slices.Equal(hits[0].Posts, []int64{7}) {
		t.Errorf("a post by itself: %+v", hits)
	}
	if hits := reading.Match([]reading.Filter{held}, now, "scie", 8); len(hits) != 0 {
		t.Errorf("another post: %+v", hits)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s, ids := newService(t, "ana", "eve")
	ctx, ana, eve := t.Context(), ids[0], ids[1]
	f, err := s.SetFilter(ctx, ana, reading.Filter{Title: "Bruit", Contexts: []string{"home", "public", "home"}},
		[]reading.WordChange{{Word: reading.Word{Word: " scie ", Whole: true}}, {Word: reading.Word{Word: "marteau"}}})
	check(t, err)
	if f.Action != reading.Warn || len(f.Contexts) != 2 || len(f.Words) != 2 || f.Words[0].Word != "scie" {
		t.Fatalf("it is %+v", f)
	}
	first := f.Words[0]
	f, err = s.SetFilter(ctx, ana, f, []reading.WordChange{{Word: reading.Word{ID: first.ID, Word: "scies"}}, {Word: f.Words[1], Drop: true}})
	check(t, err)
	if len(f.Words) != 1 || f.Words[0] != (reading.Word{ID: first.ID, Word: "scies"}) {
		t.Errorf("changed, it is %+v", f)
	}
	for what, try := range map[string]func() error{
		"no title": func() error {
			_, err := s.SetFilter(ctx, ana, reading.Filter{Contexts: []string{"home"}}, nil)
			return err
		},
		"nowhere": func() error { _, err := s.SetFilter(ctx, ana, reading.Filter{Title: "x"}, nil); return err },
		"somewhere else": func() error {
			_, err := s.SetFilter(ctx, ana, reading.Filter{Title: "x", Contexts: []string{"there"}}, nil)
			return err
		},
		"an act that is none": func() error {
			_, err := s.SetFilter(ctx, ana, reading.Filter{Title: "x", Contexts: []string{"home"}, Action: "burn"}, nil)
			return err
		},
		"no word": func() error {
			_, err := s.SetFilter(ctx, ana, reading.Filter{Title: "x", Contexts: []string{"home"}}, []reading.WordChange{{Word: reading.Word{Word: " "}}})
			return err
		},
		"a long word": func() error {
			_, err := s.SetFilter(ctx, ana, f, []reading.WordChange{{Word: reading.Word{Word: strings.Repeat("x", 201)}}})
			return err
		},
	} {
		if err := try(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want it refused", what, err)
		}
	}
	for what, try := range map[string]func() error{
		"change": func() error { _, err := s.SetFilter(ctx, eve, f, nil); return err },
		"read":   func() error { _, err := s.FilterByID(ctx, eve, f.ID); return err },
		"drop":   func() error { return s.DropFilter(ctx, eve, f.ID) },
		"a word": func() error { _, _, err := s.FilterOfWord(ctx, eve, first.ID); return err },
		"a post": func() error { _, err := s.FilterPost(ctx, eve, f.ID, 7); return err },
		"another filter's word": func() error {
			own, err := s.SetFilter(ctx, eve, reading.Filter{Title: "x", Contexts: []string{"home"}}, nil)
			check(t, err)
			_, err = s.SetFilter(ctx, eve, own, []reading.WordChange{{Word: reading.Word{ID: first.ID, Word: "stolen"}}})
			return err
		},
	} {
		if err := try(); !fault.Is(err, fault.NotFound) {
			t.Errorf("Eve may %s: %v", what, err)
		}
	}
	if all, err := s.Filters(ctx, ana); err != nil || len(all) != 1 || all[0].Words[0].Word != "scies" {
		t.Errorf("in the end there are %+v, %v", all, err)
	}
	var many []reading.WordChange
	for range 200 {
		many = append(many, reading.WordChange{Word: reading.Word{Word: "x"}})
	}
	if _, err := s.SetFilter(ctx, ana, f, many); !fault.Is(err, fault.Conflict) {
		t.Errorf("201 words: %v", err)
	}
	if all, err := s.Filters(ctx, ana); err != nil || len(all[0].Words) != 1 {
		t.Errorf("after it there are %d words, %v", len(all[0].Words), err)
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	s, ids := newService(t, "ana")
	ctx, ana := t.Context(), ids[0]
	for want, last := range []int64{7, 9, 8} {
		m, err := s.SetMark(ctx, ana, reading.Home, last)
		check(t, err)
		if m.Version != want+1 || m.Last != last {
			t.Errorf("it is %+v", m)
		}
	}
	if _, err := s.SetMark(ctx, ana, "elsewhere", 1); !fault.Is(err, fault.Invalid) {
		t.Errorf("elsewhere: %v", err)
	}
	all, err := s.Marks(ctx, ana, []string{reading.Home, reading.Notifications})
	if err != nil || len(all) != 1 || all[0].Last != 8 {
		t.Errorf("they are %+v, %v", all, err)
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	s, ids := newService(t, "ana", "eve")
	ctx, ana, eve := t.Context(), ids[0], ids[1]
	check(t, s.Note(ctx, ana, eve, "menuisière"))
	check(t, s.Note(ctx, ana, eve, "ébéniste"))
	notes, err := s.Notes(ctx, ana, []actors.ID{eve, ana})
	if err != nil || len(notes) != 1 || notes[eve] != "ébéniste" {
		t.Errorf("Ana's notes are %v, %v", notes, err)
	}
	if notes, err := s.Notes(ctx, eve, []actors.ID{eve, ana}); err != nil || len(notes) != 0 {
		t.Errorf("Eve reads %v, %v", notes, err)
	}
	check(t, s.Note(ctx, ana, eve, ""))
	if notes, err := s.Notes(ctx, ana, []actors.ID{eve}); err != nil || len(notes) != 0 {
		t.Errorf("then %v, %v", notes, err)
	}
}
