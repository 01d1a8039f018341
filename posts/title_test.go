package posts_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

func TestTitleOfWhatAWarningHides(t *testing.T) {
	t.Parallel()
	const warning, hidden = "Spoiler: the end", "The butler did it"
	tw := newTown(t)
	wants := func(what, iri string) {
		t.Helper()
		if p := tw.byIRI(t, iri); p.Title != warning {
			t.Errorf("%s: title %q, want the warning", what, p.Title)
		}
	}

	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: hidden, Summary: warning})
	check(t, err)
	wants("published", p.IRI)
	if content := posts.Document(p, iris()).Content; content != p.Content {
		t.Errorf("others read the warning twice: %s", content)
	}
	p, err = tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: hidden})
	check(t, err)
	_, err = tw.posts.Edit(t.Context(), tw.ana.ID, p.ID, posts.Draft{Title: p.Title, Text: hidden, Summary: warning})
	check(t, err)
	wants("edited", p.IRI)

	n := note(tw.bob, "1", hidden, vocab.Public, tw.makers.IRI)
	n.Summary = warning
	tw.receive(t, said(t, "Create", tw.bob, n))
	wants("received", n.ID)
	n = note(tw.bob, "2", hidden, vocab.Public, tw.makers.IRI)
	tw.receive(t, said(t, "Create", tw.bob, n))
	n.Summary, n.Updated = warning, n.Published.Add(time.Second)
	tw.receive(t, said(t, "Update", tw.bob, n))
	wants("updated", n.ID)
	n = note(tw.bob, "3", hidden)
	n.Summary = warning
	tw.receive(t, said(t, "Create", tw.bob, n))
	tw.write(t, func(tx storage.Tx) error { return tw.posts.ReceiveShare(t.Context(), tx, tw.cooks, n.ID) })
	wants("shared", n.ID)
}

func iris() federation.IRIs { return federation.IRIs{Origin: origin} }

func TestTitlesThatHarm(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "hi", vocab.Public, tw.makers.IRI)
	n.Name = "\u202e A <b> & " + strings.Repeat("long ", 100_000)
	n.Summary = strings.Repeat("beware ", 100_000)
	tw.receive(t, said(t, "Create", tw.bob, n))
	p := tw.byIRI(t, n.ID)
	if !strings.HasPrefix(p.Title, "A <b> & long") || utf8.RuneCountInString(p.Title) > 200 {
		t.Errorf("title of %d bytes: %.40q", len(p.Title), p.Title)
	}
	if !strings.HasPrefix(p.Summary, "beware") || utf8.RuneCountInString(p.Summary) > 500 {
		t.Errorf("warning of %d bytes: %.40q", len(p.Summary), p.Summary)
	}
}

// TestLanguageIsSaidIfClear gives short posts none: a screen reader would read them in it.
func TestLanguageIsSaidIfClear(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for words, want := range map[string]string{
		"I can": "", "Félicitations à toute l'équipe pour ce beau projet": "fr",
	} {
		p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: words})
		check(t, err)
		if p.Language != want {
			t.Errorf("%q is in %q, want %q", words, p.Language, want)
		}
	}
}

// TestSummaryThatHidesNothing receives what sums up an article, a link or an event, as NodeBB,
// Mbin and Gancio write it. That of a Note is a warning, and of anything that is sensitive.
func TestSummaryThatHidesNothing(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	for name, tc := range map[string]struct {
		kind, content string
		sensitive     bool
		warning, said string
	}{
		"1": {kind: "Article", content: "<p>Whole</p>", said: "<p>Whole</p>"},
		"2": {kind: "Page", said: "<p>In short</p>"},
		"3": {kind: "Event", content: "<p>Whole</p>", said: "<p>Whole</p>"},
		"4": {kind: "Note", content: "<p>Whole</p>", warning: "In short", said: "<p>Whole</p>"},
		"5": {kind: "Question", content: "<p>Whole</p>", warning: "In short", said: "<p>Whole</p>"},
		"6": {kind: "Article", content: "<p>Whole</p>", sensitive: true, warning: "In short", said: "<p>Whole</p>"},
	} {
		n := note(tw.bob, name, "", vocab.Public, tw.makers.IRI)
		n.Type, n.Name, n.Content, n.Summary, n.Sensitive = tc.kind, "Looms", tc.content, "<p>In short</p>", tc.sensitive
		tw.receive(t, said(t, "Create", tw.bob, n))
		if p := tw.byIRI(t, n.ID); p.Summary != tc.warning || p.Content != tc.said {
			t.Errorf("%s: warns %q of %q, want %q of %q", tc.kind, p.Summary, p.Content, tc.warning, tc.said)
		}
	}
}
