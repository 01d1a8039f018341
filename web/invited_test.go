package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
)

// TestInvitedThroughSignUp: who has no account opens a link to what nobody may know of, signs up, and is
// led back to it; who never opened it learns nothing.
func TestInvitedThroughSignUp(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.mode(accounts.Open)
	c := w.club(actors.Confidential)
	l, err := w.Communities.MakeLink(t.Context(), w.ana.ID, c.Actor.ID, communities.NewLink{Most: 5, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(l.Address, w.server.URL)

	w.visitor().get("/invitation").leads(t, "/sign-in?next=%2Finvitation")
	w.as(w.bob).get("/invitation").shows(t, 404)
	w.as(w.bob).get(actorPath(c.Actor)).shows(t, 404)

	v := w.visitor()
	if a := v.get(path); a.location != "/invitation" || strings.Contains(a.body, "cercle") || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the link leads to %q, %v:\n%s", a.location, a.header, a.body)
	}
	v.get("/invitation").leads(t, "/sign-in?next=%2Finvitation").lacks(t, "cercle")
	v.post("/sign-up", newcomer()).leads(t, "/sign-up/sent")
	mail := w.path(w.sent("eve@home.example"))
	v.post(mail, url.Values{"password": {"open sesame"}}).leads(t, "/invitation")
	v.get("/invitation").shows(t, 200, "Le cercle des relais", "Confidentielle", "Devenir membre")
	v.post("/invitation", url.Values{}).leads(t, actorPath(c.Actor))
	v.get(actorPath(c.Actor)).shows(t, 200, "Vous êtes membre de cette communauté.")
	v.get("/invitation").shows(t, 404)
	v.get(path).leads(t, "/invitation")
	v.get("/invitation").leads(t, actorPath(c.Actor))

	bob := w.as(w.bob)
	bob.get(path).leads(t, "/invitation")
	bob.get("/invitation").shows(t, 200, "Le cercle des relais")
	err = w.Moderation.Ban(t.Context(), communities.Ban{Community: c.Actor.ID, Who: w.bob.ID, By: w.ana.ID, Reason: "insiste"})
	if err != nil {
		t.Fatal(err)
	}
	bob.get("/invitation").shows(t, 404).lacks(t, "cercle")
	bob.post("/invitation", url.Values{}).shows(t, 404).lacks(t, "cercle")
	gus := w.as(w.member("gus", "Gus"))
	gus.get(path).leads(t, "/invitation")
	if err := w.Communities.EndLink(t.Context(), w.ana.ID, c.Actor.ID, l.ID); err != nil {
		t.Fatal(err)
	}
	gus.post("/invitation", url.Values{}).shows(t, 404).lacks(t, "cercle")
	gus.get(path).shows(t, 404).lacks(t, "cercle")
	if got := w.count(t, `SELECT used FROM invitation_links`); got != 1 {
		t.Errorf("used %d times, want once", got)
	}
}
