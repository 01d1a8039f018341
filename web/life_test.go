package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/acts"
	"passerelles/communities"
	"passerelles/posts"
)

// TestWhoManages tries every page and form of a community's life as who may not.
func TestWhoManages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	leo := w.member("leo", "Léo")
	for _, m := range []actors.ID{w.bob.ID, leo.ID} {
		if _, err := w.Communities.Ask(t.Context(), w.makers.Actor.ID, m, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Communities.SetRole(t.Context(), w.ana.ID, w.makers.Actor.ID, leo.ID, communities.RoleAnimator); err != nil {
		t.Fatal(err)
	}
	hidden := w.club(actors.Confidential)
	bob, animator := w.as(w.bob), w.as(leo)
	for path, form := range map[string]url.Values{
		"rename": {"name": {"autres"}}, "archive": {"archived": {"yes"}}, "level": {"level": {"members"}}, "end": {"name": {"makers"}},
		"role": {"who": {idOf(w.bob.ID)}, "role": {"animator"}}, "hand-over": {"who": {idOf(w.ana.ID)}, "become": {"member"}},
	} {
		bob.post("/c/makers/"+path, form).shows(t, http.StatusForbidden)
		animator.post("/c/makers/"+path, form).shows(t, http.StatusForbidden)
		bob.post(actorPath(hidden.Actor)+"/"+path, form).shows(t, http.StatusNotFound)
	}
	bob.post("/c/makers/manage", url.Values{"title": {"Autre"}}).shows(t, http.StatusForbidden)
	for _, path := range []string{"manage", "level", "end"} {
		bob.get("/c/makers/"+path).shows(t, http.StatusForbidden)
		bob.get(actorPath(hidden.Actor)+"/"+path).shows(t, http.StatusNotFound)
	}
	animator.get("/c/makers/level").shows(t, http.StatusForbidden)
	animator.get("/c/makers/manage").shows(t, http.StatusOK, "Ateliers partagés").lacks(t, "Changer d’adresse", "Supprimer la communauté")
	animator.post("/c/makers/manage", url.Values{"title": {"Ateliers ouverts"}, "text": {"Pour tout le monde."}, "language": {"en"}}).leads(t, "/c/makers")
	w.visitor().get("/c/makers").shows(t, http.StatusOK, "Ateliers ouverts", "Pour tout le monde.").lacks(t, "Gérer la communauté")
	w.as(w.ana).get(actorPath(hidden.Actor)+"/manage").shows(t, http.StatusOK, "Une communauté confidentielle le reste")
	w.as(w.ana).get(actorPath(hidden.Actor)+"/level").shows(t, http.StatusNotFound)

	if err := w.Communities.SetRole(t.Context(), w.ana.ID, w.makers.Actor.ID, leo.ID, communities.RoleMember); err != nil { // in another window
		t.Fatal(err)
	}
	for _, path := range []string{"manage", "requests", "settings", "posting", "bans", "invitations"} {
		animator.get("/c/makers/"+path).shows(t, http.StatusForbidden)
	}
	animator.post("/c/makers/manage", url.Values{"title": {"Encore"}}).shows(t, http.StatusForbidden)
}

// TestWhoFounds: the form is for whom the server lets.
func TestWhoFounds(t *testing.T) {
	t.Parallel()
	w, rita := administered(t)
	bob := w.as(w.bob)
	bob.get("/communities").lacks(t, "/communities/new")
	bob.get("/communities/new").shows(t, http.StatusForbidden, "l’administration qui crée")
	form := url.Values{"title": {"Un club"}, "name": {"club"}, "level": {"confidential"}, "language": {"fr"}}
	bob.post("/communities/new", form).shows(t, http.StatusForbidden)
	boss := w.as(rita)
	boss.post("/communities/new", form).shows(t, http.StatusSeeOther)
	if err := w.Accounts.SetFounders(t.Context(), acts.By{}, "members"); err != nil {
		t.Fatal(err)
	}
	form.Set("level", "open")
	bob.get("/communities").shows(t, http.StatusOK, "/communities/new")
	form.Set("name", "Un Club")
	bob.post("/communities/new", form).shows(t, http.StatusBadRequest, "3 à 30", "Un club")
	form.Set("name", "club")
	form.Del("level") // it would be open to everybody
	bob.post("/communities/new", form).shows(t, http.StatusBadRequest, "Choisissez pour qui")
	form.Set("level", "open")
	bob.post("/communities/new", form).leads(t, "/c/club")
	boss.post("/admin/settings", url.Values{"mode": {"closed"}, "founders": {"queens"}}).shows(t, http.StatusBadRequest)
}

// TestTheOldNameLeadsThere, for people and for their feed readers.
func TestTheOldNameLeadsThere(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.as(w.ana).post("/c/makers/rename", url.Values{"name": {"potagers"}}).leads(t, "/c/potagers")
	v := w.visitor()
	v.get("/c/makers").leads(t, "/c/potagers")
	v.get("/c/Potagers").shows(t, http.StatusOK, "Ateliers partagés")
	v.get("/c/makers/feed.atom").shows(t, http.StatusOK, "/c/potagers")
}

// TestWhatIsArchived is read, and not added to.
func TestWhatIsArchived(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p := w.says(w.bob, posts.Draft{Title: "Une scie", Text: "À prêter."})
	bob := w.as(w.bob)
	bob.post(postPath(p.ID)+"/like", nil).shows(t, http.StatusSeeOther)
	if err := w.Communities.Archive(t.Context(), w.ana.ID, w.makers.Actor.ID, true); err != nil {
		t.Fatal(err)
	}
	ana := w.as(w.ana)
	for path, form := range map[string]url.Values{
		postPath(p.ID) + "/replies": {"text": {"Merci"}}, postPath(p.ID) + "/like": nil, "/c/makers/join": nil,
		"/posts": {"community": {idOf(w.makers.Actor.ID)}, "text": {"Encore"}},
	} {
		who := ana
		if path == "/c/makers/join" {
			who = w.as(w.member("leo", "Léo"))
		}
		if got := who.post(path, form); got.status != http.StatusForbidden {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	bob.post(postPath(p.ID)+"/edit", url.Values{"title": {"Une scie"}, "text": {"Donnée."}}).shows(t, http.StatusForbidden)
	bob.get(postPath(p.ID)).shows(t, http.StatusOK, "À prêter.", "on ne fait plus que lire").lacks(t, "/replies", "/edit")
	bob.get("/c/makers").shows(t, http.StatusOK, "Cette communauté est archivée").lacks(t, `name="text"`)
	bob.post(postPath(p.ID)+"/unlike", nil).shows(t, http.StatusSeeOther)
	bob.post(postPath(p.ID)+"/delete", nil).shows(t, http.StatusSeeOther)
	if _, err := w.Posts.ByID(t.Context(), access.Reader{ID: w.bob.ID}, p.ID); err == nil {
		t.Error("its author cannot delete it")
	}
}

func idOf(a actors.ID) string { return strconv.FormatInt(int64(a), 10) }

// TestWhichServersForget is shown to those who animate, and to nobody else.
func TestWhichServersForget(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.far("Person", "mia")
	for _, sql := range []string{
		`INSERT INTO hosts (name) VALUES ('sourd.example'), ('franc.example')`,
		`INSERT INTO purges (community, host, activity, asked_at, acknowledged_at)
			SELECT c.actor, h.id, h.name, CASE h.name WHEN 'sourd.example' THEN $1::timestamptz - interval '20 days' ELSE $1 END,
				CASE h.name WHEN 'franc.example' THEN $1 END
			FROM communities c, hosts h`,
	} {
		args := []any{}
		if strings.Contains(sql, "$1") {
			args = append(args, w.now())
		}
		if _, err := w.DB.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Communities.Ask(t.Context(), w.makers.Actor.ID, w.bob.ID, ""); err != nil {
		t.Fatal(err)
	}
	w.as(w.ana).get("/c/makers/members").shows(t, http.StatusOK, "Serveurs où il n’y a plus de membre",
		`<bdi>far.example</bdi><span class="badge">demande envoyée`, `<bdi>sourd.example</bdi><span class="badge">sans réponse`,
		`<bdi>franc.example</bdi><span class="badge">effacement confirmé`)
	w.as(w.bob).get("/c/makers/members").shows(t, http.StatusOK).lacks(t, "Serveurs où")
}
