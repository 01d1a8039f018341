package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// text gives the words of a part of the page.
func (b *browser) text(what string) string {
	b.t.Helper()
	words, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.querySelector(`+"`"+what+"`"+`).innerText`))
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimSpace(words)
}

// path is where the browser is.
func (b *browser) path() string {
	b.t.Helper()
	at, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.pathname`))
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

// asksFromAfar has somebody ask from a server that runs Mastodon and is silenced here.
func (w *town) asksFromAfar(group actors.Actor) {
	w.t.Helper()
	mia := w.far("Person", "mia")
	follow := vocab.Activity{ID: mia.IRI + "/follow", Type: "Follow", Actor: mia.IRI, Object: vocab.Link(group.IRI)}
	err := w.DB.Write(w.t.Context(), func(tx storage.Tx) error {
		if _, err := tx.Exec(w.t.Context(), `UPDATE hosts SET software = 'mastodon', version = '4.5.0' WHERE name = 'far.example'`); err != nil {
			return err
		}
		if _, err := w.Hosts.Decide(w.t.Context(), tx, "far.example", func(p access.Policy) access.Policy {
			return p.Stricter(access.Policy{Policy: access.Silenced, Reason: "bruit"})
		}); err != nil {
			return err
		}
		return w.Communities.ReceiveFollow(w.t.Context(), tx, mia, group, follow)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestJoiningInABrowser: Ana writes a charter and asks questions; Bob accepts and answers, and is
// asked again when the charter changes. Eve comes by a link. Bob is banned, and let in again.
// axe judges each page on the way.
func TestJoiningInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	c := w.club(actors.ForMembers)
	eve, script := w.member("eve", "Ève Roy"), axe(t)
	const secret = "Notre bail type, à ne pas faire circuler."
	w.says(w.ana, posts.Draft{Community: c.Actor.ID, Text: secret})
	ana, bob := newBrowser(t, w), newBrowser(t, w)

	ana.signsIn("ana")
	ana.visits("/c/cercle/settings")
	ana.fills("#charter", "## On s’écoute\n\nEt on *cite* ses sources.")
	ana.fills("#question-0", "Où œuvrez-vous?")
	ana.fills("#question-1", "Qu’espérez-vous y trouver?")
	ana.presses(`main form button[type="submit"]`)
	ana.finds("C’est enregistré")
	ana.judges(script, "animator", "/c/cercle/settings")

	stranger := newBrowser(t, w)
	stranger.visits("/c/cercle/charter")
	stranger.finds("On s’écoute", "Version 1", "Où œuvrez-vous?")
	stranger.judges(script, "visitor", "/c/cercle/charter")

	bob.signsIn("bob")
	bob.judges(script, "member", "/c/cercle")
	bob.visits("/c/cercle")
	bob.finds("Où œuvrez-vous?", "J’ai lu la charte et je l’accepte.")
	bob.fills("#answer-0", "À Gaspé")
	bob.fills("#answer-1", "Des pairs")
	bob.do(chromedp.Click(chromedp.CSS(`.ask input[name="accept"]`)))
	bob.presses(`.ask button`)
	bob.finds("Votre demande est envoyée", "Retirer la demande")

	w.asksFromAfar(c.Actor)
	ana.visits("/c/cercle/requests")
	ana.finds("far.example", "Personne de ce serveur n’est encore membre.", "mastodon 4.5.0", "peut y être montré à d’autres", "en sourdine — bruit")
	ana.finds("Bob Roy", "Où œuvrez-vous?", "À Gaspé", "Des pairs", "Accepte la charte, version 1")
	ana.judges(script, "animator", "/c/cercle/requests")
	ana.presses(`button[value="approve"]`)
	ana.finds("Cette personne est maintenant membre")
	bob.visits("/c/cercle")
	bob.finds(secret)
	bob.misses("a changé")

	ana.visits("/c/cercle/settings")
	ana.fills("#charter", "## On s’écoute\n\nEt on s’entraide.")
	ana.presses(`main form button[type="submit"]`)
	bob.visits("/c/cercle")
	bob.finds("La charte de cette communauté a changé (version 2).", secret)
	bob.judges(script, "asked again", "/c/cercle")
	bob.judges(script, "asked again", "/c/cercle/charter")
	bob.visits("/c/cercle/charter?version=1")
	bob.finds("Cette version n’est plus en vigueur.", "cite")
	bob.visits("/c/cercle")
	bob.presses(`.notice form button`)
	bob.finds("vous acceptez la charte", secret)
	bob.misses("a changé")

	ana.visits("/c/cercle/invitations")
	ana.fills("#label", "Pour Gaspé")
	ana.fills("#most", "1")
	ana.presses(`main form button[type="submit"]`)
	ana.finds("Voici le lien.", "Pour Gaspé", "0 sur 1")
	link := strings.TrimPrefix(ana.text(".notice code"), w.server.URL)
	ana.judges(script, "animator", "/c/cercle/invitations")
	guest := newBrowser(t, w)
	guest.visits(link)
	if at := guest.path(); at != "/sign-in" {
		t.Errorf("who opens a link and is nobody is at %s", at)
	}
	guest.fills("#login", eve.Name)
	guest.fills("#password", password)
	guest.presses(`main form button`)
	if at := guest.path(); at != "/invitation" {
		t.Errorf("once signed in, Eve is at %s", at)
	}
	guest.finds("Le cercle des relais", "Et on s’entraide.", "vous acceptez la charte (version 2)")
	guest.judges(script, "guest", "/invitation")
	guest.presses(`main form button`)
	guest.finds("Vous êtes maintenant membre", secret)
	guest.visits(link)
	guest.finds("Page introuvable")
	ana.visits("/c/cercle/invitations")
	ana.finds("1 sur 1")

	someone := "/c/cercle/people/" + fmt.Sprint(w.bob.ID)
	ana.visits(someone)
	ana.fills("#words", "Appelé deux fois.")
	ana.presses(`form[action$="/notes"] button`)
	ana.finds("Appelé deux fois.", "Ana Tremblay")
	ana.judges(script, "animator", someone)
	ana.fills("#days", "7")
	ana.fills("#reason", "Il insiste.")
	ana.presses(`form[action$="/ban"] button`)
	ana.finds("cette personne est exclue", "jusqu’au", "Il insiste.")
	ana.judges(script, "animator", someone)
	ana.judges(script, "animator", "/c/cercle/bans")
	ana.judges(script, "animator", "/c/cercle/rulings")
	bob.visits("/c/cercle")
	bob.misses(secret)
	bob.finds("Vous ne pouvez pas participer à cette communauté : jusqu’au", "Il insiste.")
	bob.judges(script, "banned", "/c/cercle")
	bob.visits(someone)
	bob.misses("Appelé deux fois.")
	ana.visits(someone)
	ana.presses(`form[action$="/unban"] button`)
	ana.finds("L’exclusion a pris fin")
	bob.visits("/c/cercle")
	bob.finds("Demander à devenir membre")

	ana.presses(`form[action="/language"] button`)
	for _, path := range []string{"/c/cercle/settings", "/c/cercle/charter", "/c/cercle/invitations", someone} {
		ana.judges(script, "english", path)
	}
	bob.presses(`form[action="/language"] button`)
	bob.judges(script, "english", "/c/cercle")
}
