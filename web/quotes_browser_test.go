package web

import (
	"testing"

	"passerelles/posts"
)

// TestQuotesInABrowser: Bob quotes Ana by a form, she takes it back; axe judges each page.
func TestQuotesInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.joins("makers", w.bob)
	saw := w.says(w.ana, posts.Draft{Title: "Une scie", Text: "Elle est bleue."})
	script := axe(t)
	if _, err := w.Accounts.Follow(t.Context(), w.bob.ID, w.makers.Actor); err != nil {
		t.Fatal(err)
	}
	bob := newBrowser(t, w)
	bob.signsIn("bob")
	bob.visits(postPath(saw.ID))
	bob.presses(`.acts a[href$="/quote"]`)
	bob.finds("Citer une publication", "Elle est bleue.")
	bob.judges(script, "quoting", postPath(saw.ID)+"/quote")
	bob.fills("#text-new", "Regardez ce bleu.")
	bob.presses(`.composer button[type="submit"]`)
	bob.finds("Regardez ce bleu.", "Elle est bleue.", "Voir la publication citée")
	bob.judgesHere(script, "quoted")

	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.judges(script, "who-is-quoted", postPath(saw.ID)+"/quotes")
	ana.presses(`form[action$="/end"] button`)
	ana.finds("Votre accord est retiré", "Rien ne cite")
}
