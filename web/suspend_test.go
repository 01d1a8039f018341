package web

import (
	"net/http"
	"net/url"
	"testing"

	"passerelles/accounts"
	"passerelles/posts"
)

func TestSuspension(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rita, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	admin, bob, nobody := w.as(rita), w.visitor(), w.visitor()
	enter := url.Values{"login": {"bob"}, "password": {password}}
	bob.post("/sign-in", enter).leads(t, "/")
	script := w.as(w.bob)
	p := w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Perceuse", Text: "À prêter."})
	reason := url.Values{"reason": {"pourriel"}}

	w.as(w.ana).get("/@bob").shows(t, 200).lacks(t, "/admin/accounts")
	w.as(w.ana).post("/admin/accounts/bob/suspend", reason).shows(t, http.StatusNotFound)
	admin.post("/admin/accounts/rita/suspend", reason).shows(t, http.StatusForbidden, "ligne de commande")
	bob.get("/follow").shows(t, 200)

	admin.get("/@bob").shows(t, 200, "/admin/accounts/bob/suspend")
	admin.post("/admin/accounts/bob/suspend", reason).leads(t, "/@bob")
	admin.get("/@bob").shows(t, 200, "Ce compte est suspendu", "/admin/accounts/bob/restore")
	nobody.get("/@bob").shows(t, http.StatusNotFound)
	for _, v := range []*guest{nobody, w.as(w.ana), admin} {
		v.get(postPath(p.ID)).shows(t, http.StatusNotFound)
		v.get("/c/makers").shows(t, 200).lacks(t, "Perceuse")
	}
	bob.get("/follow").leads(t, "/sign-in?next=%2Ffollow") // the session ended
	script.get("/follow").leads(t, "/sign-in?next=%2Ffollow")
	bob.post("/sign-in", enter).shows(t, http.StatusForbidden, "Ce compte est suspendu")

	admin.post("/admin/accounts/bob/restore", url.Values{}).leads(t, "/@bob")
	admin.post("/admin/accounts/bob/restore", url.Values{}).shows(t, http.StatusNotFound, "n’est pas suspendu")
	nobody.get(postPath(p.ID)).shows(t, 200, "Perceuse")
	bob.post("/sign-in", enter).leads(t, "/")
}
