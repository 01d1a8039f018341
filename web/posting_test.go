package web

import (
	"net/http"
	"net/url"
	"testing"

	"passerelles/communities"
	"passerelles/posts"
)

func TestPosting(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana, bob, guest := w.as(w.ana), w.as(w.bob), w.visitor()
	const page = "/c/makers/posting"
	rules := func(who, first, most string) url.Values {
		return url.Values{"who": {who}, "first": {first}, "most": {most}, "echoes": {"whole"}}
	}
	t.Run("is for who animates", func(t *testing.T) {
		bob.get(page).shows(t, http.StatusForbidden)
		bob.post(page, rules("all", "1", "0")).shows(t, http.StatusForbidden)
		bob.get("/c/makers").lacks(t, page)
		ana.get("/c/makers").shows(t, 200, page, "Règles de publication")
	})
	t.Run("takes rules, and says what is wrong with them", func(t *testing.T) {
		ana.post(page, rules("all", "21", "0")).shows(t, http.StatusBadRequest, "De 0 à 20", `value="21"`)
		ana.post(page, rules("all", "x", "0")).shows(t, http.StatusBadRequest, "pas un nombre")
		ana.post(page, rules("all", "1", "3")).leads(t, page)
		ana.get(page).shows(t, 200, `name="first" type="number" min="0" max="20" required value="1"`, `value="whole" checked`, "Rien n’attend")
	})
	p := w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Tour à bois", Text: "À partager."})
	t.Run("shows what waits, and lets it in", func(t *testing.T) {
		guest.get("/c/makers").lacks(t, "Tour à bois")
		guest.get(postPath(p.ID)).shows(t, http.StatusNotFound)
		bob.get(postPath(p.ID)).shows(t, 200, "En attente").lacks(t, "/replies")
		ana.get("/c/makers").shows(t, 200, "1 publication en attente")
		ana.get(page).shows(t, 200, "Tour à bois", postPath(p.ID)+"/rule")
		ana.post(postPath(p.ID)+"/rule", url.Values{"act": {communities.Admit}}).leads(t, place(p))
		guest.get("/c/makers").shows(t, 200, "Tour à bois")
		bob.get(postPath(p.ID)).shows(t, 200).lacks(t, "En attente")
		ana.get(page).shows(t, 200, "Rien n’attend")
	})
	t.Run("tells who may not begin a thread", func(t *testing.T) {
		ana.post(page, rules(communities.PostAnimators, "0", "0")).leads(t, page)
		bob.get("/c/makers").shows(t, 200, "les personnes qui animent ouvrent les fils")
	})
}

// TestPostingInABrowser has axe judge the page of rules, and presses its buttons.
func TestPostingInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	script := axe(t)
	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.visits("/c/makers/posting")
	ana.fills("#first", "1")
	ana.presses(`section[aria-labelledby="rules"] button`)
	ana.finds("Les règles sont enregistrées")
	w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Un tour à bois à partager", Text: "Qui en voudrait le samedi?"})
	ana.judges(script, "animator", "/c/makers/posting")
	ana.judges(script, "animator", "/c/makers")
	ana.visits("/c/makers/posting")
	ana.presses(`button[value="admit"]`)
	ana.finds("Un tour à bois à partager")
}
