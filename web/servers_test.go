package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"passerelles/accounts"
	"passerelles/posts"
)

func TestServers(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	rita, err := w.Accounts.Create(t.Context(), accounts.New{Name: "rita", Email: "rita@example.org", Password: password, Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	admin := w.as(rita)
	decides := func(host, decision string) {
		t.Helper()
		admin.post("/admin/servers", url.Values{"host": {host}, "decision": {decision}, "reason": {"pourriel"}}).leads(t, "/admin/servers")
	}

	t.Run("is not there for anybody else", func(t *testing.T) {
		for _, v := range []*guest{w.visitor(), w.as(w.ana)} {
			v.get("/admin/servers").shows(t, http.StatusNotFound)
			v.get("/admin/servers/export.csv").shows(t, http.StatusNotFound)
			v.post("/admin/servers", url.Values{"host": {"x.example"}, "decision": {"suspend"}}).shows(t, http.StatusNotFound)
		}
		if n := w.count(t, `SELECT count(*) FROM host_policies`); n != 0 {
			t.Errorf("%d policies", n)
		}
	})
	t.Run("decides, and takes it back", func(t *testing.T) {
		admin.get("/admin/servers").shows(t, 200, "Aucune décision.", `href="/admin/servers"`)
		decides("loin.example", "silence")
		decides("loin.example", "media")
		decides("loin.example", "allow")
		admin.get("/admin/servers").shows(t, 200, "loin.example", "en sourdine", "sans images", "admis", "pourriel", "C’est décidé")
		decides("loin.example", "suspend")
		admin.get("/admin/servers").shows(t, 200, "suspendu").lacks(t, ">en sourdine<")
		decides("loin.example", "restore")
		admin.get("/admin/servers").shows(t, 200, "admis").lacks(t, ">suspendu<", ">sans images<")
		decides("loin.example", "disallow")
		admin.get("/admin/servers").shows(t, 200, "Aucune décision.")
		admin.post("/admin/servers", url.Values{"host": {"loin.example"}, "decision": {"restore"}}).shows(t, http.StatusNotFound, "Aucune mesure n’est prise contre ce serveur")
		admin.post("/admin/servers", url.Values{"host": {"a/b"}, "decision": {"suspend"}}).shows(t, http.StatusBadRequest, "pas le nom d’un serveur")
		admin.post("/admin/servers", url.Values{"host": {"b.example"}, "decision": {"burn"}}).shows(t, http.StatusBadRequest, "Dites ce qui est décidé")
	})
	t.Run("talks only to those that are listed", func(t *testing.T) {
		admin.post("/admin/servers/mode", url.Values{"mode": {"list"}}).leads(t, "/admin/servers")
		admin.get("/admin/servers").shows(t, 200, "Seulement avec les serveurs admis")
		if yes, err := w.Hosts.Allowed(t.Context(), "b.example"); yes || err != nil {
			t.Errorf("b.example: %v, %v", yes, err)
		}
		admin.post("/admin/servers/mode", url.Values{"mode": {"open"}}).leads(t, "/admin/servers")
	})
	t.Run("takes a list, and gives one", func(t *testing.T) {
		admin.post("/admin/servers/import", url.Values{"list": {"#domain,#severity,#public_comment\nmal.example,suspend,\"haine, encore\"\n"}}).leads(t, "/admin/servers")
		admin.get("/admin/servers/export.csv").shows(t, 200, "mal.example,suspend,false,false,\"haine, encore\",false")
		admin.post("/admin/servers/import", url.Values{"list": {"a,\"b"}}).shows(t, http.StatusBadRequest, "ne peut pas être lue")
	})
	t.Run("hides what the silenced write from those who do not follow them", func(t *testing.T) {
		mia := w.far("Person", "mia")
		p := w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Scie à prêter", Text: "."})
		if _, err := w.DB.Exec(t.Context(), `UPDATE posts SET author = $2 WHERE id = $1`, p.ID, mia.ID); err != nil {
			t.Fatal(err)
		}
		page := "/c/makers"
		w.visitor().get(page).shows(t, 200, "Scie à prêter")
		decides(mia.Host, "silence")
		w.visitor().get(page).shows(t, 200).lacks(t, "Scie à prêter")
		w.visitor().get(postPath(p.ID)).shows(t, http.StatusNotFound)
		w.as(w.bob).get(page).shows(t, 200).lacks(t, "Scie à prêter")
		w.as(w.ana).get(page).shows(t, 200, "Scie à prêter") // she animates
		if _, err := w.DB.Exec(t.Context(), `INSERT INTO follows (followee, follower, state, iri, asked_at) VALUES ($1, $2, 'accepted', '', now())`, mia.ID, w.bob.ID); err != nil {
			t.Fatal(err)
		}
		w.as(w.bob).get(page).shows(t, 200, "Scie à prêter")
	})
	t.Run("lets members answer who waits", func(t *testing.T) {
		leo := w.far("Person", "leo")
		if _, err := w.DB.Exec(t.Context(), `INSERT INTO follows (followee, follower, state, iri, asked_at) VALUES ($1, $2, 'pending', 'https://x/f', now())`, w.bob.ID, leo.ID); err != nil {
			t.Fatal(err)
		}
		w.as(w.bob).get("/follow").shows(t, 200, "Demandes d’abonnement", "leo")
		form := url.Values{"actor": {fmt.Sprint(leo.ID)}, "answer": {"yes"}}
		w.as(w.bob).post("/follow/answer", form).leads(t, "/follow")
		w.as(w.bob).get("/follow").shows(t, 200).lacks(t, "Demandes d’abonnement")
		w.as(w.bob).post("/follow/answer", form).shows(t, http.StatusNotFound, "Plus personne n’attend")
	})
}
