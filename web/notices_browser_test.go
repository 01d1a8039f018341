package web

import (
	"regexp"
	"testing"

	"passerelles/actors"
	"passerelles/notifications"
	"passerelles/posts"
)

// TestNoticesInABrowser: Ana is told that Bob asks, Bob that he is welcome and answered; he
// chooses what he hears of, and ends a list from a mail. axe judges each page.
func TestNoticesInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	c := w.club(actors.ForMembers)
	script := axe(t)
	if _, err := w.Communities.Ask(t.Context(), c.Actor.ID, w.bob.ID, "Bonjour."); err != nil {
		t.Fatal(err)
	}
	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.visits("/notifications")
	ana.finds("Bob Roy demande à devenir membre de Le cercle des relais", "Nouveau", "1")
	ana.judges(script, "animator", "/notifications")
	ana.presses(`.told a`)
	ana.finds("Bonjour.")
	ana.presses(`button[value="approve"]`)

	p := w.says(w.bob, posts.Draft{Title: "Comment impliquer les locataires dès la conception?", Text: "Nous commençons."})
	w.says(w.ana, posts.Draft{InReplyTo: p.ID, Text: "Trois ateliers avant les plans."})
	mails := w.hears(w.bob)
	bob := newBrowser(t, w)
	bob.signsIn("bob")
	bob.visits("/notifications")
	bob.finds("Ana Tremblay répond à votre publication", "Trois ateliers avant les plans.", "Vous êtes maintenant membre de Le cercle des relais")
	bob.judges(script, "told", "/notifications")
	bob.presses(`form[action="/notifications/read"] button`)
	bob.finds("Tout est marqué comme lu.")
	bob.misses("Nouveau")
	bob.judges(script, "read", "/notifications")
	bob.visits("/settings/notifications")
	bob.finds("Réponses et mentions", "Le cercle des relais", "Comme partout")
	bob.judges(script, "member", "/settings/notifications")
	field := "#" + choiceField(notifications.Posts, c.Actor.ID)
	bob.fills(field, notifications.ByMail)
	bob.presses(`main form button`)
	bob.finds("Vos choix sont enregistrés.")
	bob.presses(`form[action="/language"] button`)
	bob.judges(script, "in-English", "/settings/notifications")
	bob.judges(script, "in-English", "/notifications")

	var end string
	for _, m := range mails {
		if found := regexp.MustCompile(`/unsubscribe/\S+`).FindString(m.Body); m.Subject == "Ana Tremblay vous répond" {
			end = found
		}
	}
	if end == "" {
		t.Fatalf("the mails are %+v", mails)
	}
	anybody := newBrowser(t, w)
	anybody.judges(script, "whoever-holds-the-mail", end)
	anybody.presses(`main form button`)
	anybody.finds("You will get no more of these e-mails")
	anybody.judgesHere(script, "ended")
}
