package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelles/communities"
	"passerelles/posts"
)

func TestRulings(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	leo := w.member("leo", "Léo")
	if _, err := w.DB.Exec(t.Context(), `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, w.makers.Actor.ID, leo.ID); err != nil {
		t.Fatal(err)
	}
	p := w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Perceuse", Text: "À prêter."})
	other := w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Scie", Text: "À prêter aussi."})
	ana, bob, guest := w.as(w.ana), w.as(w.bob), w.visitor()
	thread := postPath(p.ID)
	does := func(v *guestAct, act, reason string) answer {
		return v.guest.post(postPath(v.post)+"/rule", url.Values{"act": {act}, "reason": {reason}})
	}
	mine, theirs := &guestAct{ana, p.ID}, &guestAct{bob, p.ID}

	t.Run("is for who animates", func(t *testing.T) {
		ana.get(thread).shows(t, 200, thread+"/rule").lacks(t, thread+"/delete")
		bob.get(thread).shows(t, 200, thread+"/delete").lacks(t, thread+"/rule")
		bob.get(thread+"/rule").shows(t, http.StatusForbidden)
		does(theirs, "lock", "").shows(t, http.StatusForbidden, "qui animent")
		guest.get("/c/makers/rulings").shows(t, 200, "Rien n’a eu à être fait")
	})
	t.Run("pins, the last first", func(t *testing.T) {
		does(mine, "pin", "").leads(t, place(p))
		does(&guestAct{ana, other.ID}, "pin", "").leads(t, place(other))
		before(t, guest.get("/c/makers").shows(t, 200, "Épinglées").body, "Scie", "Perceuse")
		w.pass(1e9)
		does(mine, "pin", "").leads(t, place(p))
		before(t, guest.get("/c/makers").body, "Perceuse", "Scie")
		does(&guestAct{ana, other.ID}, "unpin", "").leads(t, place(other))
	})
	t.Run("locks", func(t *testing.T) {
		does(mine, "lock", "tourne en rond").leads(t, place(p))
		bob.get(thread).shows(t, 200, "plus de réponses", "Épinglée").lacks(t, thread+"/replies")
		bob.post(thread+"/replies", url.Values{"text": {"tard"}}).shows(t, http.StatusForbidden)
		does(mine, "unlock", "").leads(t, place(p))
		bob.get(thread).shows(t, 200, thread+"/replies")
	})
	t.Run("removes, with a reason", func(t *testing.T) {
		does(mine, "remove", "").shows(t, http.StatusBadRequest, "Dites pourquoi")
		does(mine, "remove", "hors sujet").leads(t, place(p))
		guest.get(thread).shows(t, http.StatusNotFound)
		ana.get(thread).shows(t, 200, "Retirée par l’animation").lacks(t, thread+"/replies")
		guest.get("/c/makers/rulings").shows(t, 200, "retirée", "hors sujet", "n’est plus montrée").lacks(t, "Perceuse")
	})
	one := rulingPath(int64(w.count(t, `SELECT max(id) FROM rulings`)))
	t.Run("may be appealed against", func(t *testing.T) {
		bob.get(thread).shows(t, 200, one, "Retirée par l’animation")
		bob.get("/reports").shows(t, 200, "Décisions sur vos publications", one)
		bob.get(one).shows(t, 200, "hors sujet", "regarder de nouveau")
		ana.get(one).shows(t, 200).lacks(t, "/appeal", "/answer")
		bob.post(one+"/appeal", url.Values{"words": {"C’est bien le sujet."}}).leads(t, one)
		bob.get(one).shows(t, 200, "attend une réponse").lacks(t, "/answer")
		ana.get("/c/makers/rulings").shows(t, 200).lacks(t, "Demandes de réexamen")
		w.as(leo).get("/c/makers/rulings").shows(t, 200, "Demandes de réexamen", one)
		w.as(w.member("eve", "Ève")).get(one).shows(t, 200).lacks(t, "C’est bien le sujet.")
		ana.post(one+"/answer", url.Values{"words": {"non"}, "granted": {"no"}}).shows(t, http.StatusForbidden)
		w.as(leo).post(one+"/answer", url.Values{"words": {"En effet."}, "granted": {"yes"}}).leads(t, one)
		bob.get(one).shows(t, 200, "annulée", "En effet.")
		guest.get(thread).shows(t, 200, "Perceuse")
	})
	t.Run("are read by whom the community chose", func(t *testing.T) {
		choose := url.Values{"shown": {"animators"}}
		bob.post("/c/makers/rulings", choose).shows(t, http.StatusForbidden)
		ana.post("/c/makers/rulings", url.Values{"shown": {"nobody"}}).shows(t, http.StatusBadRequest)
		ana.post("/c/makers/rulings", choose).leads(t, "/c/makers/rulings")
		guest.get("/c/makers/rulings").shows(t, http.StatusNotFound)
		bob.get("/c/makers/rulings").shows(t, http.StatusNotFound)
		bob.get(one).shows(t, 200) // it concerns him
		ana.get("/c/makers/rulings").shows(t, 200, "tourne en rond")
	})
}

// guestAct is somebody before a post.
type guestAct struct {
	*guest
	post int64
}

// before says that one word of a page comes before another.
func before(t *testing.T, body, first, second string) {
	t.Helper()
	page := middle(body)
	if a, b := strings.Index(page, first), strings.Index(page, second); a < 0 || b < 0 || a > b {
		t.Errorf("%q at %d, %q at %d:\n%s", first, a, second, b, page)
	}
}

// TestRolesInTheLog: the log names what somebody became, and to members which server was asked
// to forget.
func TestRolesInTheLog(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ctx, club := t.Context(), w.makers.Actor.ID
	if _, err := w.Communities.Ask(ctx, club, w.bob.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.Communities.SetRole(ctx, w.ana.ID, club, w.bob.ID, communities.RoleAnimator); err != nil {
		t.Fatal(err)
	}
	mia := w.far("Person", "mia")
	if _, err := w.DB.Exec(ctx, `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'animator', now())`, club, mia.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Communities.Remove(ctx, w.ana.ID, club, mia.ID); err != nil {
		t.Fatal(err)
	}
	const page = "/c/makers/rulings"
	host := "<bdi>" + mia.Host + "</bdi>"
	w.visitor().get(page).shows(t, 200, "anime maintenant la communauté", "qui animait n’est plus membre", "a demandé d’oublier au serveur").lacks(t, host, "animator")
	w.as(w.bob).get(page).shows(t, 200, host)
	w.as(w.bob).get("/reports").shows(t, 200, "anime maintenant la communauté")
	last := rulingPath(int64(w.count(t, `SELECT max(id) FROM rulings`)))
	w.as(w.bob).get(last).shows(t, 200, "a demandé d’oublier au serveur", host)
}
