package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"passerelles/access"
	"passerelles/communities"
	"passerelles/posts"
	"passerelles/storage"
)

// TestQuotesOnTheSite are written by a form, shown in a box, told, and taken back by who is quoted.
func TestQuotesOnTheSite(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.joins("makers", w.bob)
	saw := w.says(w.ana, posts.Draft{Title: "Une scie", Text: "Elle est bleue."})
	at, bob, ana := postPath(saw.ID), w.as(w.bob), w.as(w.ana)
	bob.get(at).shows(t, http.StatusOK, `href="`+at+`/quote"`)
	w.visitor().get(at).lacks(t, at+"/quote\"")
	bob.get(at+"/quote").shows(t, http.StatusOK, "Citer une publication", "Elle est bleue.", fmt.Sprintf(`name="quote" value="%d"`, saw.ID))

	form := url.Values{"text": {""}, "quote": {fmt.Sprint(saw.ID)}, "community": {fmt.Sprint(w.makers.Actor.ID)}, "quotable": {"nobody"}}
	bob.post("/posts", form).shows(t, http.StatusBadRequest, "Elle est bleue.", `name="quote"`, `value="nobody" selected`)
	form.Set("text", "Regardez ce bleu.")
	look := bob.post("/posts", form).location
	page := bob.get(look)
	page.shows(t, http.StatusOK, "Regardez ce bleu.", `class="quoted"`, "Ana Tremblay", `href="`+at+`"`, "Elle est bleue.")
	w.visitor().get(look).shows(t, http.StatusOK, "Elle est bleue.")
	if got := w.toldTo(w.ana); got != "quoted" {
		t.Errorf("Ana is told %q", got)
	}
	ana.get("/notifications").shows(t, http.StatusOK, "Bob Roy cite ce que vous avez écrit")
	ana.get(look).lacks(t, look+"/quote\"")
	ana.get(look+"/quote").shows(t, http.StatusForbidden, "ne permet pas de le citer")
	bob.get(look+"/edit").shows(t, http.StatusOK, `value="nobody" selected`)

	w.visitor().get(at).shows(t, http.StatusOK, `href="`+at+`/quotes"`, "citée 1 fois")
	w.visitor().get(at+"/quotes").shows(t, http.StatusOK, "Regardez ce bleu.").lacks(t, "/end")
	bob.get(at+"/quotes").lacks(t, "/end")
	end := formTo(t, ana.get(at+"/quotes"), "/end")
	bob.post(end, url.Values{}).shows(t, http.StatusForbidden, "Seule la personne qui l’a écrite")
	ana.post(end, url.Values{}).leads(t, at+"/quotes")
	ana.get(at+"/quotes").shows(t, http.StatusOK, "Rien ne cite", "Votre accord est retiré")
	bob.get(look).shows(t, http.StatusOK, "a retiré son accord").lacks(t, "Elle est bleue.")
}

// formTo finds where a form of a page goes.
func formTo(t *testing.T, page answer, ending string) string {
	t.Helper()
	for _, part := range strings.Split(page.body, `action="`)[1:] {
		if to, _, _ := strings.Cut(part, `"`); strings.HasSuffix(to, ending) {
			return to
		}
	}
	t.Fatalf("no form goes to %s:\n%s", ending, page.body)
	return ""
}

// TestQuotesAreForWhoMaySee: the box says no more than that there is something.
func TestQuotesAreForWhoMaySee(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	saw := w.says(w.ana, posts.Draft{Title: "Une scie", Text: "Elle est bleue."})
	look := w.says(w.bob, posts.Draft{Text: "Voyez.", Quote: saw.ID})
	if err := w.Posts.Rule(t.Context(), w.ana.ID, saw.ID, posts.Ruling{Act: communities.Remove, Reason: "Non."}); err != nil {
		t.Fatal(err)
	}
	w.visitor().get(postPath(look.ID)).shows(t, http.StatusOK, "n’est pas pour vous").lacks(t, "bleue", postPath(saw.ID), saw.IRI)
	w.as(w.ana).get(postPath(look.ID)).shows(t, http.StatusOK, "Elle est bleue.")
	if err := w.Posts.Rule(t.Context(), w.ana.ID, saw.ID, posts.Ruling{Act: communities.Restore}); err != nil {
		t.Fatal(err)
	}
	eve := w.member("eve", "Ève")
	if err := w.DB.Write(t.Context(), func(tx storage.Tx) error { return access.Mute(t.Context(), tx, eve.ID, w.ana.ID, w.now()) }); err != nil {
		t.Fatal(err)
	}
	w.as(eve).get(postPath(look.ID)).shows(t, http.StatusOK, `class="warned"`, "Elle est bleue.")
	if err := w.Posts.Delete(t.Context(), w.ana.ID, saw.ID); err != nil {
		t.Fatal(err)
	}
	w.visitor().get(postPath(look.ID)).shows(t, http.StatusOK, "a été supprimée").lacks(t, "bleue")
}
