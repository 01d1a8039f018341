package web

import (
	"net/http"
	"testing"

	"passerelles/posts"
)

// TestTagPages: what everybody may read is found under its hashtags, and nothing else.
func TestTagPages(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	w.says(w.ana, posts.Draft{Title: "Rabot", Text: "Un cours de #Ébénisterie, samedi.", Community: w.makers.Actor.ID})
	w.says(w.ana, posts.Draft{Title: "Entre nous", Text: "Le vrai prix, #ébénisterie.", Community: w.makers.Actor.ID, Scope: posts.Members})
	bob := w.as(w.bob)
	bob.get("/tags/ebenisterie").shows(t, http.StatusOK, "#<bdi>ebenisterie</bdi>", "Rabot").lacks(t, "Entre nous")
	bob.get("/tags/%C3%89b%C3%A9nisterie").leads(t, "/tags/ebenisterie")
	bob.get("/tags/rien").shows(t, http.StatusOK, "Rien de ce que tout le monde peut lire")
	w.visitor().get("/tags/ebenisterie").shows(t, http.StatusOK, "Rabot")
}
