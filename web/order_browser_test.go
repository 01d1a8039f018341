package web

import (
	"fmt"
	"testing"

	"passerelles/accounts"
	"passerelles/communities"
	"passerelles/moderation"
	"passerelles/posts"
)

// TestOrderInABrowser has axe judge the pages by which order is kept, and presses their buttons:
// Bob reports, Ana settles, removes and is overruled by Léo.
func TestOrderInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rita, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	leo, eve := w.member("leo", "Léo"), w.member("eve", "Ève")
	if _, err := w.DB.Exec(t.Context(), `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, w.makers.Actor.ID, leo.ID); err != nil {
		t.Fatal(err)
	}
	p := w.says(eve, posts.Draft{Community: w.makers.Actor.ID, Title: "Une perceuse qui traîne", Text: "À qui est-elle? Je la jette demain."})
	w.says(eve, posts.Draft{InReplyTo: p.ID, Text: "Personne?"})
	if _, err := w.Moderation.Report(t.Context(), moderation.Complaint{By: w.bob.ID, Person: eve.ID, Words: "Elle jette tout."}); err != nil {
		t.Fatal(err)
	}
	thread, script := postPath(p.ID), axe(t)

	b := newBrowser(t, w)
	b.signsIn("bob")
	b.judges(script, "member", thread+"/report")
	b.fills("#words", "Ce n’est pas à elle.")
	b.presses(`main form button`)
	b.finds("C’est signalé", "Ce n’est pas à elle.")
	b.judges(script, "member", "/reports")
	b.judges(script, "member", actorPath(w.far("Person", "mia"))+"/report")

	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.judges(script, "animator", "/c/makers/reports")
	ana.judges(script, "animator", "/reports/2")
	ana.fills("#words", "On en a parlé.")
	ana.presses(`main form button`)
	ana.finds("C’est réglé")
	ana.judges(script, "animator", thread+"/rule")
	ana.presses(`button[value="pin"]`)
	ana.finds("Épinglée")
	ana.visits(thread + "/rule")
	ana.fills("#reason", "On ne jette rien ici.")
	ana.presses(`button[value="remove"]`)
	ana.finds("Retirée par l’animation")
	ana.judges(script, "animator", thread)
	ana.judges(script, "animator", "/c/makers/rulings")

	b = newBrowser(t, w)
	b.signsIn("eve")
	last := rulingPath(int64(w.count(t, `SELECT max(id) FROM rulings WHERE act = '`+communities.Remove+`'`)))
	b.judges(script, "author", last)
	b.fills("#words", "Elle encombre.")
	b.presses(`main form button`)
	b.finds("attend une réponse")

	b = newBrowser(t, w)
	b.signsIn("leo")
	b.judges(script, "animator", last)
	b.fills("#answer", "En effet.")
	b.presses(`button[value="yes"]`)
	b.finds("La décision est annulée")
	b.judges(script, "animator", "/c/makers")

	b = newBrowser(t, w)
	b.signsIn(rita.Name)
	b.visits("/admin/servers")
	b.fills("#host", "loin.example")
	b.fills("#decision", "silence")
	b.fills("#reason", "pourriel")
	b.presses(`form[action="/admin/servers"] button`)
	b.finds("en sourdine")
	b.judges(script, "administrator", "/admin/servers")
	b.judges(script, "administrator", "/admin/reports")
	b.judges(script, "administrator", fmt.Sprintf("/reports/%d", 1))
	b.judges(script, "administrator", "/@eve")
}
