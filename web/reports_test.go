package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"passerelles/accounts"
	"passerelles/posts"
)

func TestReports(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rita, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	eve, bob, ana, admin := w.member("eve", "Ève"), w.as(w.bob), w.as(w.ana), w.as(rita)
	p := w.says(eve, posts.Draft{Community: w.makers.Actor.ID, Title: "Grossier", Text: "Mots grossiers."})
	path := postPath(p.ID) + "/report"
	words := func(say string) url.Values { return url.Values{"words": {say}, "to": {"animators"}} }

	w.visitor().get(path).leads(t, "/sign-in?next="+url.QueryEscape(path))
	w.visitor().get(postPath(p.ID)).shows(t, 200).lacks(t, path)
	w.as(eve).get(postPath(p.ID)).shows(t, 200).lacks(t, path)
	bob.get(postPath(p.ID)).shows(t, 200, path)
	bob.get(path).shows(t, 200, "Grossier", "À l’animation de la communauté").lacks(t, `name="forward"`)
	bob.post(path, words("")).shows(t, http.StatusBadRequest, "ce qui ne va pas")
	bob.post(path, words("C’est grossier.")).leads(t, "/reports")
	bob.get("/reports").shows(t, 200, "C’est signalé", "C’est grossier.", "En attente")
	bob.post(path, words("encore")).shows(t, http.StatusConflict, "déjà signalé", "encore")

	var id int64
	if err := w.DB.QueryRow(t.Context(), `SELECT id FROM reports`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	one := fmt.Sprintf("/reports/%d", id)
	for _, v := range []*guest{admin, w.as(eve)} { // it is for the animators
		v.get(one).shows(t, http.StatusNotFound).lacks(t, "grossier")
		v.post(one, words("x")).shows(t, http.StatusNotFound)
		v.get("/c/makers/reports").shows(t, http.StatusNotFound)
	}
	bob.get("/c/makers/reports").shows(t, http.StatusNotFound)
	bob.get("/admin/reports").shows(t, http.StatusNotFound)
	admin.get("/admin/reports").shows(t, 200, "Rien n’est signalé")
	ana.get("/c/makers").shows(t, 200, "/c/makers/reports")
	ana.get("/c/makers/reports").shows(t, 200, "Ève", "C’est grossier.")
	ana.get(one).shows(t, 200, "Mots grossiers.", "Régler").lacks(t, "Bob") // who reported is not told
	bob.get(one).shows(t, 200, "attend d’être lu").lacks(t, "Mots grossiers.", "Régler")
	bob.post(one, words("x")).shows(t, http.StatusForbidden)
	ana.post(one, words(" ")).shows(t, http.StatusBadRequest, "comment c’est réglé")
	ana.post(one, words("On en a parlé.")).leads(t, one)
	bob.get(one).shows(t, 200, "On en a parlé.", "Réglé")
	ana.post(one, words("x")).shows(t, http.StatusConflict, "déjà réglé")

	t.Run("of a person elsewhere, to the administrators", func(t *testing.T) {
		mia := w.far("Person", "mia")
		bob.get(actorPath(mia)).shows(t, 200, actorPath(mia)+"/report")
		bob.get(actorPath(mia)+"/report").shows(t, 200, `name="forward"`, "far.example").lacks(t, "À l’animation")
		bob.post(actorPath(mia)+"/report", url.Values{"words": {"Elle insiste."}, "forward": {"yes"}}).leads(t, "/reports")
		admin.get("/admin/reports").shows(t, 200, "Far mia", "Elle insiste.")
		if n := w.count(t, `SELECT count(*) FROM activities WHERE type = 'Flag'`); n != 1 {
			t.Errorf("%d flags were sent, want 1", n)
		}
		if n := w.count(t, `SELECT count(*) FROM reports WHERE by = person`); n != 0 {
			t.Errorf("%d of themselves", n)
		}
		bob.get("/c/makers/report").shows(t, http.StatusNotFound)
	})
}
