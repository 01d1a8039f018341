package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
)

// club is a community for members that Ana animates.
func (w *town) club(access actors.Access) communities.Community {
	w.t.Helper()
	c, err := w.Communities.Create(w.t.Context(), communities.New{Name: "cercle", Title: "Le cercle des relais", Source: "On s’y parle franchement.",
		Access: access, Animator: w.ana.ID})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// TestAskingInABrowser: somebody asks to join, is welcomed, reads and writes, is removed.
func TestAskingInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.club(actors.ForMembers)
	const secret = "Notre bail type, à ne pas faire circuler."
	bob, ana := newBrowser(t, w), newBrowser(t, w)
	bob.signsIn("bob")
	bob.visits("/c/cercle")
	bob.finds("Réservée aux membres", "On s’y parle franchement.", "Demander à devenir membre", "Ana Tremblay", "réservé aux membres")
	bob.fills("#words", "J’anime un comité de quartier.")
	bob.presses(`form.ask button`)
	bob.finds("Votre demande est envoyée", "Retirer la demande")

	ana.signsIn("ana")
	ana.visits("/c/cercle")
	ana.finds("Vous êtes propriétaire de cette communauté.", "1 demande en attente", "Qui le verra")
	ana.fills("#text-new", secret)
	ana.presses(`.composer button[type="submit"]`)
	ana.finds(secret)
	bob.visits("/c/cercle")
	bob.misses(secret)
	ana.visits("/c/cercle/requests")
	ana.finds("Bob Roy", "J’anime un comité de quartier.")
	ana.presses(`button[value="approve"]`)
	ana.finds("Cette personne est maintenant membre", "Personne n’attend de réponse.")

	bob.visits("/c/cercle")
	bob.finds("Vous êtes membre de cette communauté.", secret, "Visible seulement par les membres")
	bob.fills("#text-new", "Merci de l’accueil.")
	bob.presses(`.composer button[type="submit"]`)
	bob.finds("Merci de l’accueil.")
	bob.visits("/c/cercle/members")
	bob.finds("Ana Tremblay", "Bob Roy", "propriétaire")
	bob.misses("Retirer Bob Roy")

	ana.visits("/c/cercle/members")
	ana.presses(`form[action$="/dismiss"] button`)
	ana.finds("Cette personne n’est plus membre")
	ana.misses("Bob Roy")
	bob.visits("/c/cercle")
	bob.misses(secret)
	bob.finds("Demander à devenir membre")
}

// TestConfidentialPages: who is invited finds the community, and nobody else.
func TestConfidentialPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	c := w.club(actors.Confidential)
	path := actorPath(c.Actor)
	if !strings.HasPrefix(path, "/c/cercle_") || len(path) != len("/c/cercle_")+8 {
		t.Errorf("it is at %s, which can be guessed", path)
	}
	bob := w.as(w.bob)
	for _, at := range []string{path, path + "/members", path + "/requests"} {
		if g := bob.get(at); g.status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", at, g.status)
		}
	}
	if err := w.Communities.Invite(t.Context(), w.ana.ID, c.Actor.ID, w.bob.ID); err != nil {
		t.Fatal(err)
	}
	bob.get(path).shows(t, http.StatusOK, "Cette communauté vous invite.", "Accepter l’invitation")
	w.says(w.ana, posts.Draft{Community: c.Actor.ID, Title: "Le budget", Text: "Chiffres."})
	bob.get(path).lacks(t, "Le budget")
	bob.post(path+"/join", nil).shows(t, http.StatusSeeOther)
	bob.get(path).shows(t, http.StatusOK, "Vous êtes membre de cette communauté.", "Le budget", "Confidentielle")
}

// TestAnAnswerIsGiven: a form without an answer lets nobody in.
func TestAnAnswerIsGiven(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	c := w.club(actors.ForMembers)
	if _, err := w.Communities.Ask(t.Context(), c.Actor.ID, w.bob.ID, ""); err != nil {
		t.Fatal(err)
	}
	ana, form := w.as(w.ana), url.Values{"who": {fmt.Sprint(w.bob.ID)}}
	for _, answer := range []string{"", "yes", "anything"} {
		form.Set("answer", answer)
		ana.post("/c/cercle/requests", form).shows(t, http.StatusBadRequest, "Choisissez comment répondre")
	}
	form.Set("answer", "approve")
	ana.post("/c/cercle/requests", form).leads(t, "/c/cercle/requests")
}
