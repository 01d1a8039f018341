package posts_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// theme gives Makers another theme.
func (tw *town) theme(t *testing.T, name string) communities.Theme {
	t.Helper()
	th, err := tw.communities.AddTheme(t.Context(), tw.ana.ID, tw.makers.ID, communities.Worded{Name: name})
	check(t, err)
	return th
}

func under(p posts.Post) string {
	var names []string
	for _, th := range p.Themes {
		name := th.Name
		if th.Ruled {
			name += "!"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// TestThemes: what begins a thread stands under themes of its community, as its author chose.
func TestThemes(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	other, err := tw.communities.Create(ctx, communities.New{Name: "others", Title: "Others", Animator: tw.ana.ID})
	check(t, err)
	foreign, err := tw.communities.AddTheme(ctx, tw.ana.ID, other.Actor.ID, communities.Worded{Name: "Foreign"})
	check(t, err)
	wood, glue, tools := tw.theme(t, "Le bois"), tw.theme(t, "Colle"), tw.theme(t, "Outils")
	publish := func(d posts.Draft) (posts.Post, error) {
		d.Text = "words #colle"
		return tw.posts.Publish(ctx, eve.ID, d)
	}
	p, err := publish(posts.Draft{Community: tw.makers.ID, Themes: []int64{glue.ID, wood.ID}})
	check(t, err)
	if got := under(p); got != "Le bois Colle" {
		t.Errorf("it stands under %q", got)
	}
	n := posts.Document(p, federation.IRIs{Origin: origin})
	var tags []string
	for _, tag := range n.Tags {
		tags = append(tags, tag.Name)
	}
	if want := []vocab.Theme{{ID: wood.IRI, Name: "Le bois"}, {ID: glue.IRI, Name: "Colle"}}; !slices.Equal(n.Themes, want) || !slices.Equal(tags, []string{"#colle", "#LeBois"}) {
		t.Errorf("it names %+v, %q", n.Themes, tags)
	}
	var many []int64
	for _, name := range []string{"a", "b", "c", "d"} {
		many = append(many, tw.theme(t, name).ID)
	}
	for name, d := range map[string]posts.Draft{
		"six":                  {Community: tw.makers.ID, Themes: append(many, glue.ID, wood.ID)},
		"of another community": {Community: tw.makers.ID, Themes: []int64{foreign.ID}},
		"of no community":      {Themes: []int64{glue.ID}},
		"of a reply":           {InReplyTo: p.ID, Themes: []int64{glue.ID}},
		"that are none":        {Community: tw.makers.ID, Themes: []int64{1}},
	} {
		if _, err := publish(d); !fault.Is(err, fault.Invalid) {
			t.Errorf("themes %s: %v", name, err)
		}
	}
	edit := func(want string, ids []int64) {
		t.Helper()
		got, err := tw.posts.Edit(ctx, eve.ID, p.ID, posts.Draft{Text: "others", Themes: ids})
		check(t, err)
		if under(got) != want {
			t.Errorf("edited with %v it stands under %q, want %q", ids, under(got), want)
		}
	}
	edit("Le bois Colle", nil)
	edit("Outils", []int64{tools.ID})
	edit("", []int64{})
	edit("Le bois Outils", []int64{wood.ID, tools.ID})
	check(t, tw.communities.RetireTheme(ctx, tw.ana.ID, tw.makers.ID, wood.ID))
	edit("Outils Le bois", []int64{wood.ID, tools.ID}) // it keeps what it has
	if _, err := publish(posts.Draft{Community: tw.makers.ID, Themes: []int64{wood.ID}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a theme that is retired is chosen: %v", err)
	}
	check(t, tw.posts.Delete(ctx, eve.ID, p.ID))
	var left int
	check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM post_themes WHERE post = $1`, p.ID).Scan(&left))
	if left != 0 {
		t.Errorf("%d themes stay with what was deleted", left)
	}
}

// TestSetThemes has Ana, who animates Makers, sort a thread of Bob's: what she said of a theme
// holds against him, and the latest against the earlier in whatever order they come.
func TestSetThemes(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	wood, glue := tw.theme(t, "Bois"), tw.theme(t, "Colle")
	in := note(tw.bob, "1", "glue", vocab.Public, tw.makers.IRI)
	in.Themes = []vocab.Theme{{ID: wood.IRI}, {ID: wood.IRI}, {ID: "https://evil.example/x"}}
	tw.receive(t, said(t, "Create", tw.bob, in))
	p := tw.byIRI(t, in.ID)
	stands := func(want string) {
		t.Helper()
		if got := under(tw.byIRI(t, in.ID)); got != want {
			t.Errorf("it stands under %q, want %q", got, want)
		}
	}
	stands("Bois")
	if err := tw.posts.SetThemes(ctx, eve.ID, p.ID, []int64{glue.ID}, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("who does not animate it: %v", err)
	}
	tw.cleared(t)
	check(t, tw.posts.SetThemes(ctx, tw.ana.ID, p.ID, []int64{glue.ID}, "c’est de la colle"))
	stands("Colle!")
	wantSent(t, tw,
		"makers: Announce(Remove(id)) -> lemmy.example new.example",
		"makers: Announce(Add(id)) -> lemmy.example new.example")
	tw.cleared(t)
	check(t, tw.posts.SetThemes(ctx, tw.ana.ID, p.ID, []int64{glue.ID}, ""))
	wantSent(t, tw) // it is so already
	log, err := tw.communities.Rulings(ctx, 0, tw.makers.ID, 0, 10)
	check(t, err)
	if len(log) != 2 || log[0].Act != communities.PutUnder || log[0].Words != "Colle" || log[0].Reason != "c’est de la colle" ||
		log[0].Person != tw.bob.ID || log[1].Act != communities.TakeFrom || log[1].Words != "Bois" {
		t.Errorf("log = %+v", log)
	}
	in.Updated, in.Content = in.Published.Add(time.Minute), "<p>glue again</p>"
	tw.receive(t, said(t, "Update", tw.bob, in))
	stands("Colle!") // also once Bob says it anew
	says := func(theme communities.Theme, holds bool, at time.Time) {
		t.Helper()
		tw.write(t, func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveTheme(ctx, tx, posts.Theming{Community: tw.makers, Post: in.ID, Theme: theme, Holds: holds, At: at, By: tw.ana.ID})
			return err
		})
	}
	now := tw.clock.Now()
	says(glue, false, now.Add(-time.Hour))
	stands("Colle!") // what was said earlier comes too late
	says(glue, false, now.Add(time.Hour))
	says(glue, true, now.Add(time.Minute))
	stands("")
	refused := func(name, post string, group actors.Actor, theme communities.Theme) {
		t.Helper()
		err := tw.db.Write(ctx, func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveTheme(ctx, tx, posts.Theming{Community: group, Post: post, Theme: theme, Holds: true, At: now, By: tw.ana.ID})
			return err
		})
		if !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused("of another community", in.ID, tw.cooks, glue)
	refused("by another's theme", in.ID, tw.makers, communities.Theme{ID: 1, Community: tw.cooks.ID})
	refused("of what is not here", tw.bob.IRI+"/nothing", tw.makers, glue)
	reply := note(tw.bob, "2", "more", vocab.Public, tw.makers.IRI)
	reply.InReplyTo, reply.Themes = in.ID, []vocab.Theme{{ID: glue.IRI}}
	tw.receive(t, said(t, "Create", tw.bob, reply))
	refused("of a reply", reply.ID, tw.makers, glue)
	if got := under(tw.byIRI(t, reply.ID)); got != "" {
		t.Errorf("a reply stands under %q", got)
	}
	mine, err := tw.posts.Publish(ctx, eve.ID, posts.Draft{Community: tw.makers.ID, Text: "x", Themes: []int64{wood.ID}})
	check(t, err)
	check(t, tw.posts.SetThemes(ctx, tw.ana.ID, mine.ID, []int64{glue.ID}, ""))
	if _, err := tw.posts.Edit(ctx, eve.ID, mine.ID, posts.Draft{Text: "x", Themes: []int64{wood.ID}}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the author brings back what was taken away: %v", err)
	}
	if got, err := tw.posts.Edit(ctx, eve.ID, mine.ID, posts.Draft{Text: "y", Themes: []int64{}}); err != nil || under(got) != "Colle!" {
		t.Errorf("the author takes away what was put there: %q, %v", under(got), err)
	}
}

// TestThemesElsewhere: a community elsewhere has its own, which its posts name and ours may.
func TestThemesElsewhere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	tw.write(t, func(tx storage.Tx) error {
		return tw.communities.LearnThemes(ctx, tx, tw.cooks, vocab.Actor{Themes: []vocab.Theme{{ID: tw.cooks.IRI + "/tag/1", Name: "Soupes"}, {ID: tw.cooks.IRI + "/tag/2", Name: "Pains"}}})
	})
	ours := tw.theme(t, "Colle")
	in := note(tw.zoe, "1", "soup", vocab.Public, tw.cooks.IRI)
	in.Name = "Soup"
	in.Themes = []vocab.Theme{{ID: tw.cooks.IRI + "/tag/1"}, {ID: ours.IRI}, {ID: tw.cooks.IRI + "/tag/9"}}
	var kept []bool
	tw.write(t, func(tx storage.Tx) (err error) {
		one := said(t, "Create", tw.zoe, in)
		one.Community, one.Announced = &tw.cooks, true
		kept, err = tw.posts.ReceiveNew(ctx, tx, []posts.In{one})
		return err
	})
	if got := under(tw.byIRI(t, in.ID)); !slices.Equal(kept, []bool{true}) || got != "Soupes" {
		t.Errorf("kept %v, it stands under %q", kept, got)
	}
	in.Updated, in.Themes = in.Published.Add(time.Minute), []vocab.Theme{{ID: tw.cooks.IRI + "/tag/2"}}
	tw.receive(t, said(t, "Update", tw.zoe, in))
	if got := under(tw.byIRI(t, in.ID)); got != "Pains" {
		t.Errorf("its new version stands under %q", got)
	}
	themes, err := tw.communities.Themes(ctx, tw.db, tw.cooks.ID)
	check(t, err)
	tw.cleared(t)
	p, err := tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.cooks.ID, Title: "Bread", Text: "?", Themes: []int64{themes[1].ID}})
	check(t, err)
	var body []byte
	check(t, tw.db.QueryRow(ctx, `SELECT body FROM activities WHERE object = $1`, p.IRI).Scan(&body))
	for _, said := range []string{`{"id":"` + tw.cooks.IRI + `/tag/2","type":"CommunityPostTag","preferredUsername":"Pains","name":"Pains"}`,
		`"type":"lemmy:CommunityTag"`, `"display_name":"Pains"`, `{"type":"Hashtag","name":"#Pains"}`} {
		if !strings.Contains(string(body), said) {
			t.Errorf("%s is not said in %s", said, body)
		}
	}
	if _, err := tw.posts.ByID(ctx, access.Reader{}, p.ID); err != nil {
		t.Error(err)
	}
}
