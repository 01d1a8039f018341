package web

import (
	archives "archive/zip"
	"net/url"
	"strings"
	"testing"

	"passerelles/posts"
)

func TestAMemberGoes(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.bob, posts.Draft{Title: "Un marteau", Text: "Presque neuf."})
	phone, v := w.as(w.bob), w.as(w.bob)

	got := v.post("/settings/export", nil).shows(t, 200)
	archive, err := archives.NewReader(strings.NewReader(got.body), int64(len(got.body)))
	if err != nil || len(archive.File) != 9 || !strings.Contains(got.header.Get("Content-Disposition"), "bob-2026-03-14.zip") {
		t.Errorf("the archive: %v, %s", err, got.header)
	}
	w.visitor().post("/settings/export", nil).leads(t, "/sign-in?next=%2F")

	v.get("/settings/leave").shows(t, 200, "Supprimer mon compte", "@bob")
	v.post("/settings/leave", url.Values{"password": {"wrong"}}).shows(t, 400, "Ce n’est pas votre mot de passe")
	v.get("/@bob").shows(t, 200)
	v.post("/settings/leave", url.Values{"password": {password}}).leads(t, "/")
	v.get("/").shows(t, 200, "Votre compte est supprimé", "Se connecter")
	phone.get("/").shows(t, 200, "Se connecter")
	w.visitor().post("/sign-in", url.Values{"login": {"bob"}, "password": {password}}).shows(t, 401)
	if err := w.engine.DoDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.visitor().get("/@bob").shows(t, 410).lacks(t, "Bob Roy")
	w.visitor().get(postPath(p.ID)).shows(t, 410).lacks(t, "marteau")
	w.visitor().get("/c/makers").shows(t, 200).lacks(t, "marteau", "Bob Roy")

	v = w.as(w.ana)
	v.get("/settings/leave").shows(t, 200, "Vous êtes seul·e propriétaire", "l’administration du serveur choisira", `name="password"`)
	v.post("/settings/leave", url.Values{"password": {password}}).leads(t, "/")
	w.visitor().get("/c/makers").shows(t, 200)
}
