package communities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

// TestThemes: those who animate choose what threads are sorted by, and followers are told.
func TestThemes(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, club := t.Context(), tw.makers.Actor.ID
	eve := tw.member(t, "eve")
	tw.write(t, func(tx storage.Tx) error {
		return tw.ReceiveFollow(ctx, tx, tw.bob, tw.makers.Actor, followBy(t, tw.bob, tw.makers.Actor, "1"))
	})
	add := func(name, about string) communities.Theme {
		t.Helper()
		th, err := tw.AddTheme(ctx, tw.ana.ID, club, communities.Worded{Name: name, Description: about})
		check(t, err)
		return th
	}
	names := func() string {
		t.Helper()
		all, err := tw.AllThemes(ctx, tw.db, club)
		check(t, err)
		var said []string
		for _, th := range all {
			name := th.Name
			if th.Retired {
				name = "(" + name + ")"
			}
			said = append(said, name)
		}
		return strings.Join(said, " ")
	}
	wood, glue, paint := add(" Le  bois ", "Ce qui pousse"), add("Colle", ""), add("Peinture", "")
	if want := tw.makers.Actor.IRI + "/themes/" + fmt.Sprint(wood.ID); wood.IRI != want || wood.Name != "Le bois" || wood.Description != "Ce qui pousse" || wood.Place != 1 {
		t.Errorf("theme = %+v, want %s", wood, want)
	}
	for name, kind := range map[string]fault.Kind{"": fault.Invalid, strings.Repeat("x", 51): fault.Invalid, "LE  BOIS": fault.Conflict, "collé": fault.Conflict} {
		if _, err := tw.AddTheme(ctx, tw.ana.ID, club, communities.Worded{Name: name}); !fault.Is(err, kind) {
			t.Errorf("%.20q: %v, want %v", name, err, kind)
		}
	}
	check(t, tw.MoveTheme(ctx, tw.ana.ID, club, paint.ID, 1))
	check(t, tw.MoveTheme(ctx, tw.ana.ID, club, wood.ID, 9))
	if got := names(); got != "Peinture Colle Le bois" {
		t.Errorf("in order: %s", got)
	}
	check(t, tw.RetireTheme(ctx, tw.ana.ID, club, paint.ID))
	check(t, tw.RetireTheme(ctx, tw.ana.ID, club, paint.ID))
	check(t, tw.ChangeTheme(ctx, tw.ana.ID, club, glue.ID, communities.Worded{Name: "Colles", Description: "Ce qui tient"}))
	if got := names(); got != "Colles Le bois (Peinture)" {
		t.Errorf("once one is retired: %s", got)
	}
	if th, err := tw.ThemeByName(ctx, tw.db, club, "le  BOIS"); err != nil || th.Place != 2 {
		t.Errorf("by its name it is %+v: %v", th, err)
	}
	before := len(tw.sent(t))
	for name, err := range map[string]error{
		"adds":     func() error { _, err := tw.AddTheme(ctx, eve.ID, club, communities.Worded{Name: "x"}); return err }(),
		"changes":  tw.ChangeTheme(ctx, eve.ID, club, glue.ID, communities.Worded{Name: "x"}),
		"moves":    tw.MoveTheme(ctx, eve.ID, club, glue.ID, 2),
		"retires":  tw.RetireTheme(ctx, eve.ID, club, glue.ID),
		"restores": tw.RestoreTheme(ctx, eve.ID, club, paint.ID),
	} {
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("who does not animate %s a theme: %v", name, err)
		}
	}
	if err := tw.RetireTheme(ctx, tw.ana.ID, club, 1); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such theme: %v", err)
	}
	if sent := tw.sent(t); len(sent) != before {
		t.Errorf("what is refused is told: %v", sent[before:])
	}
	check(t, tw.RestoreTheme(ctx, tw.ana.ID, club, paint.ID))
	if got := names(); got != "Colles Le bois Peinture" {
		t.Errorf("restored: %s", got)
	}
	if sent := tw.sent(t); len(sent) != before+1 || !strings.HasPrefix(sent[before], "Update(Group ") || !strings.HasSuffix(sent[before], "to 1") {
		t.Errorf("told: %v", sent[before:])
	}
	d, err := tw.Document(ctx, tw.db, tw.makers.Actor)
	check(t, err)
	if want := []vocab.Theme{{ID: glue.IRI, Name: "Colles", Description: "Ce qui tient"}, {ID: wood.IRI, Name: "Le bois", Description: "Ce qui pousse"}, {ID: paint.IRI, Name: "Peinture"}}; !slices.Equal(d.Themes, want) {
		t.Errorf("document lists %+v, want %+v", d.Themes, want)
	}
}

func TestThemesAreBounded(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for i := range 50 {
		_, err := tw.AddTheme(t.Context(), tw.ana.ID, tw.makers.Actor.ID, communities.Worded{Name: fmt.Sprint("theme ", i)})
		check(t, err)
	}
	if _, err := tw.AddTheme(t.Context(), tw.ana.ID, tw.makers.Actor.ID, communities.Worded{Name: "one too many"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("the 51st theme: %v", err)
	}
}

// TestLearnThemes: what a community elsewhere calls its themes is taken as it is now, cleaned and
// bounded.
func TestLearnThemes(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	tw.dir.OnGroup(tw.Service.LearnThemes)
	const iri = "https://links.example/c/velo"
	learn := func(kind string, themes ...vocab.Theme) actors.Actor {
		t.Helper()
		body, err := vocab.Actor{ID: iri, Type: kind, PreferredUsername: "velo", Inbox: iri + "/inbox", Outbox: iri + "/outbox", Themes: themes,
			Keys: []vocab.PublicKey{{ID: iri + "#main-key", Owner: iri, PEM: "x"}}}.Encode()
		check(t, err)
		d, err := vocab.ReadActor(body)
		check(t, err)
		a, err := tw.dir.Learn(ctx, d)
		check(t, err)
		return a
	}
	named := func(id, name string) vocab.Theme { return vocab.Theme{ID: iri + "/tag/" + id, Name: name} }
	var many []vocab.Theme
	for i := range 120 {
		many = append(many, named(fmt.Sprint("many", i), fmt.Sprint(i)))
	}
	group := learn("Group", named("1", "  Pistes\n& <b>cie</b> "), named("2", strings.Repeat("é", 80)), named("1", "twice"),
		vocab.Theme{ID: "https://other.example/tag/9", Name: "of another server"}, named("3", " "))
	want := func(want ...string) {
		t.Helper()
		all, err := tw.AllThemes(ctx, tw.db, group.ID)
		check(t, err)
		var got []string
		for _, th := range all {
			got = append(got, fmt.Sprint(strings.TrimPrefix(th.IRI, iri+"/tag/"), " ", th.Name, " ", th.Retired))
		}
		if !slices.Equal(got, want) {
			t.Errorf("themes = %q, want %q", got, want)
		}
	}
	want("1 Pistes & <b>cie</b> false", "2 "+strings.Repeat("é", 49)+"… false")
	_, err := tw.db.Exec(ctx, `INSERT INTO post_themes (post, theme, holds, ruled, at) SELECT 1, id, true, false, $1 FROM themes WHERE iri LIKE '%/1'`, tw.makers.CreatedAt)
	check(t, err)
	learn("Group", named("4", "Ateliers"))
	want("4 Ateliers false", "1 Pistes & <b>cie</b> true") // a post has it
	learn("Group", named("1", "Pistes"), named("4", "Ateliers"))
	want("1 Pistes false", "4 Ateliers false")
	learn("Group", many...)
	all, err := tw.Themes(ctx, tw.db, group.ID)
	check(t, err)
	if len(all) != 100 {
		t.Errorf("%d themes are kept of 120, want 100", len(all))
	}
}
