package web

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp"

	"passerelles/accounts"
	"passerelles/communities"
	"passerelles/storage"
)

// saysOf has a community elsewhere say what somebody is in it.
func (w *town) saysOf(r communities.Role) {
	w.t.Helper()
	r.At = w.now()
	err := w.DB.Write(w.t.Context(), func(tx storage.Tx) error {
		_, err := w.Communities.ReceiveRole(w.t.Context(), tx, r)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) iri(m accounts.Member) string {
	w.t.Helper()
	a, err := w.Directory.ByID(w.t.Context(), m.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return a.IRI
}

// left gives how many activities of a type left.
func (w *town) left(kind string) (n int) {
	w.t.Helper()
	if err := w.DB.QueryRow(w.t.Context(), `SELECT count(*) FROM activities WHERE type = $1`, kind).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestACommunityElsewhereIsJoined: one that says who its members are is asked in words.
func TestACommunityElsewhereIsJoined(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bakers, plain := w.far("Group", "bakers"), w.far("Group", "plain")
	if _, err := w.DB.Exec(t.Context(), `UPDATE actors SET members = iri || '/members' WHERE id = $1`, bakers.ID); err != nil {
		t.Fatal(err)
	}
	bob, to := w.as(w.bob), "/c/bakers@far.example"
	bob.get("/c/"+plain.Name+"@far.example").shows(t, 200, `action="/follow"`).lacks(t, "/join")
	w.visitor().get(to).lacks(t, "/join")
	bob.get(to).shows(t, 200, `action="/follow"`, `action="`+to+`/join"`, "La demande part vers far.example")
	w.visitor().post(to+"/join", url.Values{"words": {"Bonjour"}}).leads(t, "/sign-in?next=%2F")
	bob.post(to+"/join", url.Values{"words": {"Bonjour"}}).leads(t, to)
	bob.get(to).shows(t, 200, "La demande est envoyée", "Retirer la demande").lacks(t, "/join")
	if n := w.left("Join"); n != 1 {
		t.Errorf("%d Join left", n)
	}
	err := w.DB.Write(t.Context(), func(tx storage.Tx) error {
		if _, err := w.Directory.AnswerFollow(t.Context(), tx, bakers.ID, w.bob.ID, true); err != nil {
			return err
		}
		return w.Communities.ReceiveAnswer(t.Context(), tx, communities.Answered{Group: bakers, Who: w.bob.ID, Join: true, Accepted: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	bob.get(to).shows(t, 200, "Vous êtes membre de cette communauté.", `action="/unfollow"`)
	w.saysOf(communities.Role{Community: bakers, Who: w.iri(w.bob), Role: communities.Banned, Holds: true, Reason: "Trop de levain"})
	bob.get(to).shows(t, 200, "Trop de levain").lacks(t, "<textarea", "/join")
	bob.post(to+"/join", url.Values{"words": {"Bonjour"}}).shows(t, 403)
}

// TestSomebodyIsKeptOutElsewhere: who moderates a community elsewhere asks its server.
func TestSomebodyIsKeptOutElsewhere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bakers, zoe := w.far("Group", "bakers"), w.far("Person", "zoe")
	ana, to := w.as(w.ana), fmt.Sprintf("/c/bakers@far.example/people/%d", zoe.ID)
	ban := url.Values{"days": {"7"}, "reason": {"Publicité"}}
	for _, path := range []string{to + "/ban", to + "/unban", to + "/notes"} {
		ana.post(path, ban).shows(t, 404)
	}
	ana.get(to).shows(t, 404)
	w.saysOf(communities.Role{Community: bakers, Who: w.iri(w.ana), Role: communities.Moderator, Holds: true})
	ana.get(to).shows(t, 200, "Far zoe", "Communauté de far.example", `action="`+to+`/ban"`).lacks(t, "/notes")
	ana.post(to+"/ban", url.Values{"days": {"7"}}).shows(t, 400, `role="alert"`)
	ana.post(to+"/ban", ban).leads(t, to)
	ana.get(to).shows(t, 200, "qui l’appliquera")
	w.saysOf(communities.Role{Community: bakers, Who: zoe.IRI, Role: communities.Banned, Holds: true, Reason: "Publicité"})
	ana.get(to).shows(t, 200, "Exclusion en cours", "Publicité", `action="`+to+`/unban"`)
	ana.post(to+"/unban", url.Values{}).leads(t, to)
	if blocks, undone := w.left("Block"), w.left("Undo"); blocks != 1 || undone != 1 {
		t.Errorf("%d Block and %d Undo left, want one each", blocks, undone)
	}
	ana.post(to+"/notes", url.Values{"words": {"x"}}).shows(t, 403)
}

// TestElsewhereInABrowser: Bob asks a community elsewhere in words, and keeps somebody out of
// another that he animates; axe judges on the way.
func TestElsewhereInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	script := axe(t)
	bakers, zoe := w.far("Group", "bakers"), w.far("Person", "zoe")
	if _, err := w.DB.Exec(t.Context(), `UPDATE actors SET members = iri || '/members', access = 'members' WHERE id = $1`, bakers.ID); err != nil {
		t.Fatal(err)
	}
	b, to := newBrowser(t, w), "/c/bakers@far.example"
	b.signsIn("bob")
	b.judges(script, "asks", to)
	b.finds("réservé aux membres")
	b.misses("Publier")
	b.fills("#words", "J’enfourne pour tout un quartier.")
	b.presses("form.ask button")
	b.finds("La demande est envoyée")
	if _, err := w.DB.Exec(t.Context(), `UPDATE actors SET access = 'open' WHERE id = $1`, bakers.ID); err != nil {
		t.Fatal(err)
	}
	b.presses(`form[action="/unfollow"] button`)
	b.visits(to)
	b.do(chromedp.Click(chromedp.CSS("details:has(#words) summary")))
	b.judgesHere(script, "asks an open one")
	b.presses("form.ask button")
	b.judges(script, "asked", to)
	w.saysOf(communities.Role{Community: bakers, Who: w.iri(w.bob), Role: communities.Moderator, Holds: true})
	person := fmt.Sprintf("%s/people/%d", to, zoe.ID)
	b.judges(script, "keeps out", person)
	b.fills("#reason", "Publicité répétée.")
	b.presses(`form[action$="/ban"] button`)
	b.finds("qui l’appliquera")
	b.judges(script, "moves", "/settings/address")
}
