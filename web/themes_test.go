package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"passerelles/actors"
	"passerelles/communities"
	"passerelles/posts"
)

func (w *town) theme(t *testing.T, name, about string) communities.Theme {
	t.Helper()
	th, err := w.Communities.AddTheme(t.Context(), w.ana.ID, w.makers.Actor.ID, communities.Worded{Name: name, Description: about})
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func TestThemes(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	ana, bob, guest := w.as(w.ana), w.as(w.bob), w.visitor()
	const page = "/c/makers/themes"
	act := func(act string, more ...string) url.Values {
		form := url.Values{"act": {act}}
		for i := 0; i < len(more); i += 2 {
			form[more[i]] = []string{more[i+1]}
		}
		return form
	}
	t.Run("are chosen by who animates", func(t *testing.T) {
		bob.get(page).shows(t, http.StatusForbidden)
		bob.post(page, act("add", "name", "Bois")).shows(t, http.StatusForbidden)
		guest.get("/c/makers").lacks(t, "Tous les thèmes")
		ana.get("/c/makers/manage").shows(t, 200, page)
		ana.get(page).shows(t, 200, "Pas encore de thème")
		ana.post(page, act("add", "name", " Le bois ", "description", "Ce qui pousse")).leads(t, page)
		ana.post(page, act("add", "name", "le Bois", "description", "encore")).shows(t, http.StatusConflict, "déjà un thème de ce nom", `value="encore"`)
		ana.post(page, act("paint")).shows(t, http.StatusBadRequest, "ne se fait pas")
	})
	all, err := w.Communities.Themes(t.Context(), w.DB, w.makers.Actor.ID)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	wood, glue := all[0], w.theme(t, "Colle", "")
	number := func(th communities.Theme) string { return strconv.FormatInt(th.ID, 10) }
	t.Run("are moved, changed, retired and taken up again", func(t *testing.T) {
		ana.post(page, act("up", "theme", number(glue))).leads(t, page)
		ana.get(page).shows(t, 200, "Colle</bdi></h3>", `value="down"`, `value="up"`)
		ana.post(page, act("down", "theme", number(glue))).leads(t, page)
		ana.post(page, act("change", "theme", number(glue), "name", "")).shows(t, http.StatusBadRequest, "besoin d’un nom", "<details open>")
		ana.post(page, act("change", "theme", number(glue), "name", "Colles", "description", "Ce qui tient")).leads(t, page)
		ana.post(page, act("retire", "theme", number(glue))).leads(t, page)
		ana.get(page).shows(t, 200, "Thèmes retirés", `value="restore"`)
		ana.post(page, act("restore", "theme", number(glue))).leads(t, page)
		ana.get(page).lacks(t, "Thèmes retirés")
		ana.post(page, act("retire", "theme", "1")).shows(t, http.StatusNotFound)
	})
	form := func(text string, themes ...string) url.Values {
		return url.Values{"community": {fmt.Sprint(w.makers.Actor.ID)}, "text": {text}, "themed": {"1"}, "theme": themes, "told": {"1"}}
	}
	under := "/c/makers?theme=" + number(wood)
	t.Run("are offered to who writes", func(t *testing.T) {
		bob.get("/c/makers").shows(t, 200, `name="theme" value="`+number(wood)+`"`, "Ce qui tient", "choisir le genre ou des thèmes")
		bob.get(under).shows(t, 200, `name="theme" value="`+number(wood)+`" checked`)
		bob.post("/posts", form("Du frêne.", "1")).shows(t, http.StatusBadRequest, "pas de la communauté", "Du frêne.", `name="theme"`)
		bob.post("/posts", form("", number(glue))).shows(t, http.StatusBadRequest, `value="`+number(glue)+`" checked`)
		if a := bob.post("/posts", form("Du frêne.", number(wood))); a.status != http.StatusSeeOther {
			t.Fatalf("%d %s", a.status, a.body)
		}
	})
	w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Text: "De la vis."})
	p := w.stored(int64(w.count(t, `SELECT min(id) FROM posts WHERE content LIKE '%frêne%'`)))
	t.Run("sort what is read", func(t *testing.T) {
		guest.get("/c/makers").shows(t, 200, "Du frêne", "De la vis", under, "Tous les thèmes")
		guest.get(under).shows(t, 200, "Du frêne", "Publications sous le thème", "Ce qui pousse", `aria-current="page"`).lacks(t, "De la vis")
		guest.get(postPath(p.ID)).shows(t, 200, `href="`+under+`"`)
		guest.get("/c/makers?theme="+number(glue)).shows(t, 200, "Rien encore sous ce thème")
		for _, none := range []string{"1", "x", "-3"} {
			guest.get("/c/makers?theme="+none).shows(t, http.StatusNotFound)
		}
		w.as(w.bob).get("/").shows(t, 200, under)
	})
	t.Run("go on with the list", func(t *testing.T) {
		for i := range rowsPerPage {
			w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Text: fmt.Sprint("Du bois ", i), Themes: []int64{wood.ID}})
		}
		guest.get(under).shows(t, 200, under+"&amp;before=").lacks(t, "Du frêne")
	})
	edit := postPath(p.ID) + "/edit"
	t.Run("are changed with the post", func(t *testing.T) {
		bob.get(edit).shows(t, 200, `value="`+number(wood)+`" checked`)
		bob.post(edit, url.Values{"text": {"Du frêne!"}}).leads(t, place(p)) // a script that knows of no themes
		guest.get(postPath(p.ID)).shows(t, 200, "Le bois")
		bob.post(edit, form("Du frêne et de la colle.", number(wood), number(glue))).leads(t, place(p))
		guest.get(postPath(p.ID)).shows(t, 200, "Le bois", "Colles")
		bob.post(edit, form("Du frêne.", number(wood))).leads(t, place(p))
		guest.get(postPath(p.ID)).lacks(t, "Colles")
	})
	t.Run("are set by who animates, who says so in the log", func(t *testing.T) {
		rule := postPath(p.ID) + "/rule"
		ana.get(rule).shows(t, 200, "Thèmes de ce fil", `value="`+number(wood)+`" checked`)
		set := form("", number(glue))
		set.Set("act", "themes")
		set.Set("why", "cela colle")
		bob.post(rule, set).shows(t, http.StatusForbidden)
		ana.post(rule, set).leads(t, place(p))
		guest.get(postPath(p.ID)).shows(t, 200, "Colles").lacks(t, "Le bois")
		guest.get("/c/makers/rulings").shows(t, 200, "a classé sous <bdi>Colles</bdi>", "a retiré du thème <bdi>Le bois</bdi>", "cela colle")
		bob.get(edit).shows(t, 200, "Choisis par l’animation : <bdi>Colles</bdi>").lacks(t, `value="`+number(glue)+`"`)
		set["theme"] = []string{"1"}
		ana.post(rule, set).shows(t, http.StatusBadRequest, "pas de la communauté")
	})
	t.Run("are for those who know of the community", func(t *testing.T) {
		if _, err := w.DB.Exec(t.Context(), `UPDATE communities SET access = $2 WHERE actor = $1`, w.makers.Actor.ID, actors.Confidential); err != nil {
			t.Fatal(err)
		}
		guest.get(under).shows(t, http.StatusNotFound).lacks(t, "Le bois")
		guest.get(page).lacks(t, "Le bois")
		ana.get(under).shows(t, 200, "Le bois")
	})
}

// TestThemesInABrowser has axe judge the pages where themes are, and presses their buttons.
func TestThemesInABrowser(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	script := axe(t)
	ana := newBrowser(t, w)
	ana.signsIn("ana")
	ana.visits("/c/makers/themes")
	ana.fills("#name", "Financement")
	ana.fills("#description", "Subventions, prêts, sociofinancement")
	ana.presses(`button[value="add"]`)
	ana.finds("C’est fait", "Financement")
	money := w.theme(t, "Événements et rencontres", "")
	ana.judges(script, "animator", "/c/makers/themes")
	ana.visits("/c/makers/themes")
	ana.presses(`#theme-` + fmt.Sprint(money.ID) + ` button[value="up"]`)
	ana.finds("C’est fait")
	p := w.says(w.bob, posts.Draft{Community: w.makers.Actor.ID, Title: "Une soirée de bailleurs", Text: "Qui vient le 12?", Themes: []int64{money.ID}})
	ana.judges(script, "animator", "/c/makers")
	ana.judges(script, "animator", fmt.Sprint("/c/makers?theme=", money.ID))
	ana.visits(postPath(p.ID) + "/rule")
	ana.do(chromedp.Click(chromedp.CSS(`.sorts input[type="checkbox"]:not(:checked)`)))
	ana.presses(`button[value="themes"]`)
	ana.finds("Financement", "Événements et rencontres")
	ana.judges(script, "animator", postPath(p.ID)+"/rule")
	bob := newBrowser(t, w)
	bob.signsIn("bob")
	bob.judges(script, "author", postPath(p.ID)+"/edit")
	bob.judges(script, "author", postPath(p.ID))
}
