package web

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"passerelles/accounts"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/posts"
)

// TestRolesInABrowser has axe judge the pages on which a community is made and its people are named,
// and presses their buttons: Ana makes one, names Bob and hands it over to Léo.
func TestRolesInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	script, leo := axe(t), w.member("leo", "Léo")
	if err := w.Accounts.SetFounders(t.Context(), acts.By{}, accounts.EveryMember); err != nil {
		t.Fatal(err)
	}
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
	for _, m := range []accounts.Member{w.bob, leo} {
		w.joins("jardins", m)
	}
	ana.judges(script, "owner", "/c/jardins/members")
	ana.fills(fmt.Sprintf("#role-%d", w.bob.ID), communities.RoleAnimator)
	ana.presses(fmt.Sprintf("form:has(#role-%d) button", w.bob.ID))
	ana.finds("Le rôle est changé")
	ana.fills("#heir", fmt.Sprint(leo.ID))
	ana.presses(`form[action$="/hand-over"] button`)
	ana.finds("La communauté est confiée")
	ana.judges(script, "animator", "/c/jardins/members")
	ana.presses(`form[action$="/role"] button`)
	ana.finds("Le rôle est changé")
	ana.misses("Votre rôle")

	b := newBrowser(t, w)
	b.signsIn("leo")
	b.visits("/notifications")
	b.finds("vous en êtes maintenant propriétaire")
	b.judges(script, "owner", "/settings/leave")
	if *shots != "" {
		ana.visits("/")
		ana.presses(`form[action="/language"] button`)
		for _, path := range []string{"/communities/new", "/c/makers/manage", "/c/makers/members", "/c/makers/level", "/c/makers/end"} {
			ana.judges(script, "english", path)
		}
	}
}

// joins makes a member of somebody without the site.
func (w *town) joins(name string, m accounts.Member) {
	w.t.Helper()
	c, err := w.Communities.ByName(w.t.Context(), name)
	if err == nil {
		_, err = w.Communities.Ask(w.t.Context(), c.Actor.ID, m.ID, "")
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestEndsInABrowser has axe judge the pages by which a community changes and ends, and presses
// their buttons: Ana closes, archives, reopens, renames and deletes hers.
func TestEndsInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	script, zoe := axe(t), w.member("zoe", "Zoé")
	w.joins("makers", w.bob)
	if _, err := w.Accounts.Follow(t.Context(), zoe.ID, w.makers.Actor); err != nil {
		t.Fatal(err)
	}
	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.judges(script, "owner", "/c/makers/manage")
	ana.presses(`a[href$="/level"]`)
	ana.finds("Le changement vaut pour ce qui sera publié à partir de maintenant", "1 personne suit la communauté")
	ana.judges(script, "closing", "/c/makers/level")
	ana.presses(`form[action$="/level"] button`)
	ana.finds("réservée à ses membres", "Réservée aux membres")
	b := newBrowser(t, w)
	b.signsIn("zoe")
	b.finds("est maintenant réservée à ses membres")
	b.judges(script, "told", "/")
	b.presses(`.told a`)
	b.fills("#words", "Je cultive des fèves.")
	b.presses(`form[action="/c/makers/join"] button`)
	b.finds("Votre demande est envoyée")
	ana.judges(script, "opening", "/c/makers/level")

	p := w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Des graines", Text: "À donner."})
	ana.visits("/c/makers/manage")
	ana.presses(`form[action$="/archive"] button`)
	ana.finds("La communauté est archivée", "Cette communauté est archivée")
	ana.judges(script, "owner", "/c/makers")
	bob := newBrowser(t, w)
	bob.signsIn("bob")
	bob.judges(script, "archived", postPath(p.ID))
	bob.finds("on ne fait plus que lire")
	bob.misses("Répondre")
	ana.visits("/c/makers/manage")
	ana.presses(`form[action$="/archive"] button`)
	ana.finds("La communauté est rouverte")

	ana.visits("/c/makers/manage")
	ana.fills("#name", "potagers")
	ana.presses(`form[action$="/rename"] button`)
	ana.finds("L’adresse est changée")
	bob.visits("/c/makers")
	bob.finds("Ateliers partagés", "Quitter la communauté")

	ana.judges(script, "owner", "/c/potagers/end")
	ana.fills("#name", "autre")
	ana.presses(`button.danger`)
	ana.finds("Écrivez l’adresse de la communauté")
	ana.fills("#name", "potagers")
	ana.presses(`button.danger`)
	ana.finds("La communauté est supprimée")
	ana.visits(postPath(p.ID))
	ana.misses("Des graines")
	bob.visits("/")
	bob.finds("n’existe plus")
	bob.visits(postPath(p.ID)) // his own
	bob.finds("Des graines", "on ne fait plus que lire")
	bob.visits("/c/makers")
	bob.misses("Ateliers partagés")
}

// TestOwnerlessInABrowser has an administrator say who makes communities, and name an owner.
func TestOwnerlessInABrowser(t *testing.T) {
	t.Parallel()
	w, rita := administered(t)
	w.joins("makers", w.bob)
	if err := w.Accounts.Suspend(t.Context(), acts.By{Account: rita.ID}, w.ana.ID, ""); err != nil {
		t.Fatal(err)
	}
	script, b := axe(t), newBrowser(t, w)
	b.signsIn(rita.Name)
	b.visits("/admin/settings")
	b.do(chromedp.Click(chromedp.CSS(`input[name=founders][value=members]`)))
	b.presses(`main form button`)
	b.judges(script, "administrator", "/admin/settings")
	b.judges(script, "ownerless", "/admin/communities")
	b.judges(script, "acts", "/admin/acts")
	b.finds("Ateliers partagés")
	b.presses(`form[action="/admin/communities"] button`)
	b.finds("Chaque communauté a quelqu’un qui en répond")
	b.judges(script, "administrator", "/admin/communities")
	if role, err := w.Communities.RoleOf(t.Context(), w.DB, w.makers.Actor.ID, w.bob.ID); err != nil || role != communities.RoleOwner {
		t.Errorf("Bob is %q, %v", role, err)
	}
	if set, err := w.Accounts.Settings(t.Context()); err != nil || set.Founders != accounts.EveryMember {
		t.Errorf("settings %+v, %v", set, err)
	}
}
