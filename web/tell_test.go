package web

import (
	"fmt"
	"net/url"
	"testing"

	"passerelles/posts"
)

// TestTheFirstPostIsPublishedKnowingly tells a newcomer once, before anything leaves.
func TestTheFirstPostIsPublishedKnowingly(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	mine := w.says(w.ana, posts.Draft{Title: "Qui a une scie?", Text: "Pour samedi."})
	for _, first := range []struct {
		name, path string
		form       url.Values
	}{
		{"nora", "/posts", url.Values{"community": {fmt.Sprint(int64(w.makers.Actor.ID))}, "title": {"Un établi"}, "text": {"À donner."}, "kind": {posts.News}}},
		{"omar", postPath(mine.ID) + "/replies", url.Values{"text": {"Moi, une grande."}}},
	} {
		v := w.as(w.newcomer(first.name, first.name))
		text := first.form.Get("text")
		v.post(first.path, first.form).shows(t, 200, "Avant votre première publication", "serveurs partenaires", text, `name="told" value="1"`)
		w.visitor().get("/c/makers").lacks(t, text)
		first.form.Set("told", "1")
		if a := v.post(first.path, first.form); a.status != 303 {
			t.Errorf("once told: %d\n%s", a.status, a.body)
		}
		first.form.Del("told")
		if a := v.post(first.path, first.form); a.status != 303 {
			t.Errorf("the second time: %d\n%s", a.status, a.body)
		}
	}
}
