package posts_test

import (
	"slices"
	"strings"
	"testing"

	"passerelles/communities"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// TestWhatWasRemovedIsNotToldAgain: an author who changes what was taken away has nobody told of it
// by the community, until it restores the post: then all hear how it reads.
func TestWhatWasRemovedIsNotToldAgain(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	eve := tw.member(t, "eve")
	update := "makers: Announce(Update(Note)) -> lemmy.example new.example"
	rule := func(id int64, act string) {
		t.Helper()
		check(t, tw.posts.Rule(t.Context(), tw.ana.ID, id, posts.Ruling{Act: act, Reason: "x"}))
	}
	restored := func(id int64) {
		t.Helper()
		if slices.Contains(tw.sent(t), update) {
			t.Error("it is told before it is restored")
		}
		rule(id, communities.Restore)
		if told := tw.sent(t); !slices.Contains(told, update) {
			t.Errorf("restored: sent\n%s", strings.Join(told, "\n"))
		}
	}

	p, err := tw.posts.Publish(t.Context(), eve.ID, posts.Draft{Community: tw.makers.ID, Title: "Rude", Text: "rude"})
	check(t, err)
	rule(p.ID, communities.Remove)
	tw.cleared(t)
	_, err = tw.posts.Edit(t.Context(), eve.ID, p.ID, posts.Draft{Title: "Rude", Text: "ruder"})
	check(t, err)
	wantSent(t, tw, "eve: Update(Note) -> ")
	restored(p.ID)

	tw.receive(t, said(t, "Create", tw.bob, note(tw.bob, "1", "hi", vocab.Public, tw.makers.IRI)))
	q := tw.byIRI(t, tw.bob.IRI+"/1")
	rule(q.ID, communities.Remove)
	tw.cleared(t)
	n := note(tw.bob, "1", "worse", vocab.Public, tw.makers.IRI)
	n.Updated = tw.clock.Now()
	tw.receive(t, said(t, "Update", tw.bob, n))
	wantSent(t, tw)
	restored(q.ID)
}
