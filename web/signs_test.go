package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"passerelles/actors"
	"passerelles/notifications"
	"passerelles/posts"
)

// TestSigns: who likes, shares or follows is told of once, while it holds, and unless they are shunned.
func TestSigns(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	eve := w.member("eve", "Ève")
	p := w.says(w.bob, posts.Draft{Title: "Qui a une scie?", Text: "Pour samedi."})
	bob, err := w.Directory.ByID(t.Context(), w.bob.ID)
	if err != nil {
		t.Fatal(err)
	}
	does := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	is := func(want string) {
		t.Helper()
		got := strings.Fields(w.toldTo(w.bob)) // told in one millisecond: in no order
		slices.Sort(got)
		if got := strings.Join(got, " "); got != want {
			t.Errorf("Bob is told %q, want %q", got, want)
		}
	}
	follow := func() { _, err := w.Accounts.Follow(t.Context(), eve.ID, bob); does("follow", err) }
	for range 2 {
		does("like", w.Posts.Like(t.Context(), eve.ID, p.ID))
		does("share", w.Posts.Boost(t.Context(), eve.ID, p.ID))
		follow()
	}
	does("like one's own", w.Posts.Like(t.Context(), w.bob.ID, p.ID))
	is("boosted followed liked")
	if mails := w.hears(w.bob); len(mails) != 0 {
		t.Errorf("he is written %+v", mails)
	}
	w.as(w.bob).get("/notifications").shows(t, http.StatusOK, "Ève aime ce que vous avez écrit", "Ève partage ce que vous avez écrit", "Ève vous suit")

	does("unlike", w.Posts.Unlike(t.Context(), eve.ID, p.ID))
	is("boosted followed")
	does("take it back", w.Posts.Unboost(t.Context(), eve.ID, p.ID))
	does("unfollow", w.Accounts.Unfollow(t.Context(), eve.ID, bob))
	is("")
	follow()
	is("followed")
	does("mute", w.Accounts.Mute(t.Context(), w.bob.ID, actors.Actor{ID: eve.ID}))
	is("")
	does("unmute", w.Accounts.Unmute(t.Context(), w.bob.ID, actors.Actor{ID: eve.ID}))

	w.chooses(w.bob, notifications.Signs, 0, notifications.None)
	does("like", w.Posts.Like(t.Context(), eve.ID, w.says(w.bob, posts.Draft{Title: "Autre", Text: "Chose."}).ID))
	is("followed")
	w.chooses(w.bob, notifications.Signs, 0, notifications.ByMail)
	does("like", w.Posts.Like(t.Context(), eve.ID, w.says(w.bob, posts.Draft{Title: "Encore", Text: "Une."}).ID))
	if mails := w.hears(w.bob); len(mails) != 1 || mails[0].Subject != "« Encore » plaît" {
		t.Errorf("he is written %+v", mails)
	}
}
