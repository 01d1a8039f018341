package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"passerelles/accounts"
	"passerelles/posts"
)

// TestNewcomersWhoNameEverybody: of who is new here few are told, but those who follow them; of
// who has been here for a while, all.
func TestNewcomersWhoNameEverybody(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var named []accounts.Member
	everybody := "Voyez"
	for i := range 14 {
		m := w.member(fmt.Sprintf("named_%d", i), "Nommée")
		named, everybody = append(named, m), everybody+" @"+m.Name
	}
	w.pass(4 * 24 * time.Hour)
	eve := w.member("eve", "Ève")
	actor, err := w.Directory.ByID(t.Context(), eve.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range named[12:] {
		if _, err := w.Accounts.Follow(t.Context(), m.ID, actor); err != nil {
			t.Fatal(err)
		}
	}
	told := func() (n int) {
		for _, m := range named {
			n += strings.Count(w.toldTo(m), "mention")
		}
		return n
	}
	w.says(eve, posts.Draft{Title: "Achetez", Text: everybody})
	if n := told(); n != 12 {
		t.Errorf("of the newcomer %d are told, want ten and the two who follow her", n)
	}
	for _, m := range named[12:] {
		if w.toldTo(m) != "mention" {
			t.Errorf("%s, who follows her, is told %q", m.Name, w.toldTo(m))
		}
	}
	w.says(eve, posts.Draft{Title: "Achetez encore", Text: everybody})
	if n := told(); n != 14 {
		t.Errorf("of the newcomer's second post %d are told in all, want the two who follow her", n)
	}
	w.says(w.bob, posts.Draft{Title: "Samedi", Text: everybody})
	if n := told(); n != 28 {
		t.Errorf("of Bob %d are told, want all", n-14)
	}
	w.pass(3 * 24 * time.Hour)
	w.says(eve, posts.Draft{Title: "Bonjour", Text: everybody})
	if n := told(); n != 42 {
		t.Errorf("of who is new no more %d are told, want all", n-28)
	}
}
