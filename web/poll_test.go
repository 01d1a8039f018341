package web

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
)

// TestAPollOnThePage is asked in a form, answered once in another, and shows its count.
func TestAPollOnThePage(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, ana := w.as(w.bob), w.as(w.ana)
	form := url.Values{"community": {w.inMakers().value}, "text": {"Quelle scie?"}, "poll-options": {"Rouge\nBleue"}, "poll-hours": {"72"}}
	bob.post("/posts", url.Values{"community": form["community"], "text": {"Quelle scie?"}, "poll-options": {"Rouge"}, "poll-hours": {"72"}}).
		shows(t, http.StatusBadRequest, "au moins deux réponses", "Rouge")
	at := bob.post("/posts", form).location
	bob.get(at).shows(t, http.StatusOK, "Rouge", "0 voix", "Jusqu’à").lacks(t, `name="choice"`)
	ana.get(at).shows(t, http.StatusOK, `type="radio" name="choice" value="1"`, "Choisissez une réponse")
	ana.post(at+"/vote", url.Values{}).shows(t, http.StatusBadRequest, "Choisissez une réponse, ou plusieurs")
	ana.post(at+"/vote", url.Values{"choice": {"1"}})
	page := ana.get(at).shows(t, http.StatusOK, "1 voix", "votre choix").lacks(t, `name="choice"`)
	if !regexp.MustCompile(`Bleue</bdi> — 1`).MatchString(page.body) {
		t.Error("another answer is counted")
	}
	ana.post(at+"/vote", url.Values{"choice": {"0"}}).shows(t, http.StatusConflict, "déjà voté")
	bob.get(at).shows(t, http.StatusOK, "1 voix").lacks(t, "votre choix", "Ana a")
}
