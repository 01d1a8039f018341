package web

import (
	"net/url"
	"strconv"
	"testing"

	"passerelles/posts"
)

func TestShunning(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	mine := w.says(w.ana, posts.Draft{Title: "Qui a une scie?", Text: "Pour samedi."})
	theirs := w.says(w.bob, posts.Draft{Title: "Un marteau", Text: "Presque neuf."})
	w.says(w.bob, posts.Draft{InReplyTo: mine.ID, Text: "Moi, une grande."})
	ana, bob := w.as(w.ana), w.as(w.bob)
	him := url.Values{"actor": {strconv.FormatInt(int64(w.bob.ID), 10)}}

	ana.get("/@bob").shows(t, 200, `action="/block"`, `action="/mute"`)
	ana.post("/mute", him).leads(t, "/@bob")
	ana.get("/@bob").shows(t, 200, `action="/unmute"`, "Un marteau")
	ana.get("/c/makers").shows(t, 200, "Qui a une scie?").lacks(t, "Un marteau")
	ana.get("/search?q=marteau").lacks(t, "Un marteau")
	ana.get(postPath(mine.ID)).shows(t, 200, "que vous ne lisez plus", "Moi, une grande.")
	w.visitor().get("/c/makers").shows(t, 200, "Un marteau")
	bob.get("/c/makers").shows(t, 200, "Un marteau")
	bob.post(postPath(mine.ID)+"/like", nil).leads(t, place(mine))
	bob.post(postPath(mine.ID)+"/unlike", nil)
	ana.get("/settings/shunned").shows(t, 200, "Bob Roy", "non lue")
	ana.post("/unmute", him).leads(t, "/@bob")
	ana.get("/c/makers").shows(t, 200, "Un marteau")

	ana.post("/block", him).leads(t, "/@bob")
	ana.get("/c/makers").lacks(t, "Un marteau")
	bob.post(postPath(mine.ID)+"/like", nil).shows(t, 403, "n’accepte pas cela de vous")
	bob.post(postPath(mine.ID)+"/replies", url.Values{"text": {"Encore moi."}}).shows(t, 403, "n’accepte pas cela de vous")
	bob.post("/follow", url.Values{"actor": {strconv.FormatInt(int64(w.ana.ID), 10)}}).shows(t, 403, "n’accepte pas cela de vous")
	bob.get("/settings/shunned").lacks(t, "Ana Tremblay</bdi></a>")
	him.Set("list", "1")
	ana.post("/unblock", him).leads(t, "/settings/shunned")
	bob.post(postPath(mine.ID)+"/like", nil).leads(t, place(mine))
	ana.post(postPath(theirs.ID)+"/like", nil).leads(t, place(theirs))
	ana.post("/mute", url.Values{"actor": {strconv.FormatInt(int64(w.makers.Actor.ID), 10)}}).shows(t, 400)
}
