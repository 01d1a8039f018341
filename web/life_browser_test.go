package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"passerelles/accounts"
	"passerelles/communities"
	"passerelles/posts"
)

// TestALifeInABrowser has axe judge the pages of a community's life, and presses their buttons:
// Ana makes one, hands it over, and Léo closes, archives, reopens, renames and deletes it.
func TestALifeInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rita, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	leoID := w.member("leo", "Léo")
	script := axe(t)

	b := newBrowser(t, w)
	b.signsIn(rita.Name)
	b.visits("/admin/settings")
	b.do(chromedp.Click(chromedp.CSS(`input[name=founders][value=members]`)))
	b.presses(`main form button`)
	b.judges(script, "administrator", "/admin/settings")
	b.judges(script, "administrator", "/admin/communities")

	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.visits("/communities")
	ana.presses(`a[href="/communities/new"]`)
	ana.finds("Tout le monde lit ce qui s’y dit", "Pour tous les autres, elle n’existe pas")
	ana.judges(script, "member", "/communities/new")
	ana.fills("#title", "Jardins du quartier")
	ana.fills("#name", "ana")
	ana.presses(`main form button`)
	ana.finds("Ce nom est déjà pris")
	ana.fills("#name", "jardins")
	ana.fills("#text", "Pour qui **cultive** en ville.")
	ana.presses(`main form button`)
	ana.finds("La communauté est créée", "Jardins du quartier", "Vous êtes propriétaire")
	ana.judges(script, "owner", "/c/jardins/manage")

	bob := newBrowser(t, w)
	bob.signsIn("bob")
	bob.visits("/c/jardins")
	bob.presses(`form[action="/c/jardins/join"] button`)
	leo := newBrowser(t, w)
	leo.signsIn("leo")
	leo.visits("/c/jardins")
	leo.presses(`form[action="/follow"] button`)
	leo.presses(`form[action="/c/jardins/join"] button`)
	w.member("zoe", "Zoé")
	zoe := newBrowser(t, w)
	zoe.signsIn("zoe")
	zoe.visits("/c/jardins")
	zoe.presses(`form[action="/follow"] button`)

	ana.judges(script, "owner", "/c/jardins/members")
	ana.fills(`.people li:nth-child(2) select`, communities.RoleAnimator)
	ana.presses(`.people li:nth-child(2) form.role button`)
	ana.finds("Le rôle est changé")
	ana.fills("#heir", fmt.Sprint(leoID.ID))
	ana.presses(`form[action$="/hand-over"] button`)
	ana.finds("La communauté est confiée")
	ana.judges(script, "animator", "/c/jardins/members")

	leo.visits("/")
	leo.finds("Vous êtes maintenant propriétaire")
	leo.judges(script, "told", "/")
	leo.presses(`.told form button`)
	leo.misses("Vous êtes maintenant propriétaire")
	leo.visits("/c/jardins/manage")
	leo.presses(`a[href$="/level"]`)
	leo.finds("Le changement vaut pour ce qui sera publié à partir de maintenant", "1 personne suit la communauté")
	leo.judges(script, "owner", "/c/jardins/level")
	leo.presses(`form[action$="/level"] button`)
	leo.finds("réservée à ses membres", "Réservée aux membres")
	zoe.visits("/")
	zoe.finds("est maintenant réservée à ses membres")
	zoe.presses(`.told a`)
	zoe.fills("#words", "Je cultive des fèves.")
	zoe.presses(`form[action="/c/jardins/join"] button`)
	zoe.finds("Votre demande est envoyée")
	leo.judges(script, "opening", "/c/jardins/level")

	group, err := w.Communities.ByName(t.Context(), "jardins")
	if err != nil {
		t.Fatal(err)
	}
	p := w.says(w.bob, posts.Draft{Community: group.Actor.ID, Title: "Des graines", Text: "À donner."})
	leo.visits("/c/jardins/manage")
	leo.presses(`form[action$="/archive"] button`)
	leo.finds("La communauté est archivée", "Cette communauté est archivée")
	leo.judges(script, "owner", "/c/jardins")
	bob.judges(script, "member", postPath(p.ID))
	bob.finds("on ne fait plus que lire")
	bob.misses("Répondre")
	leo.visits("/c/jardins/manage")
	leo.presses(`form[action$="/archive"] button`)
	leo.finds("La communauté est rouverte")

	leo.visits("/c/jardins/manage")
	leo.fills("#name", "potagers")
	leo.presses(`form[action$="/rename"] button`)
	leo.finds("L’adresse est changée")
	bob.visits("/c/jardins")
	bob.finds("Jardins du quartier", "Quitter la communauté")

	leo.judges(script, "owner", "/c/potagers/end")
	leo.fills("#name", "autre")
	leo.presses(`button.danger`)
	leo.finds("Écrivez l’adresse de la communauté")
	leo.fills("#name", "potagers")
	leo.presses(`button.danger`)
	leo.finds("La communauté est supprimée")
	bob.visits("/")
	bob.finds("n’existe plus")
	bob.visits(postPath(p.ID)) // his own
	bob.finds("Des graines", "on ne fait plus que lire")
	ana.visits(postPath(p.ID))
	ana.misses("Des graines")
	bob.visits("/c/jardins")
	bob.misses("Jardins du quartier")

	if *shots != "" {
		ana.visits("/")
		ana.presses(`form[action="/language"] button`)
		for _, path := range []string{"/communities/new", "/c/makers/manage", "/c/makers/members", "/c/makers/level", "/c/makers/end"} {
			ana.judges(script, "english", path)
		}
	}
	if err := w.Accounts.Suspend(t.Context(), rita.ID, w.ana.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Communities.Ask(t.Context(), w.makers.Actor.ID, w.bob.ID, ""); err != nil {
		t.Fatal(err)
	}
	b.judges(script, "ownerless", "/admin/communities")
	b.finds("Ateliers partagés")
	b.presses(`form[action="/admin/communities"] button`)
	b.finds("Chaque communauté a quelqu’un qui en répond")
	if role, err := w.Communities.RoleOf(t.Context(), w.DB, w.makers.Actor.ID, w.bob.ID); err != nil || role != communities.RoleOwner {
		t.Errorf("Bob is %q, %v", role, err)
	}
	bob.judges(script, "owner", "/settings/leave")
}
