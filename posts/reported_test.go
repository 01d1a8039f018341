package posts_test

import (
	"testing"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

func TestAGroupTellsWhoLikesItsOwnPostsOnly(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	other := tw.remote(t, "others", "new.example", actors.Group, actors.Unknown)
	ours, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "mine"})
	check(t, err)
	of := func(name string, group actors.Actor) string {
		n := note(tw.bob, name, "hi", vocab.Public, group.IRI)
		tw.receive(t, said(t, "Create", tw.bob, n))
		return n.ID
	}
	for _, iri := range []string{of("1", tw.makers), of("2", tw.cooks), ours.IRI} {
		err := tw.db.Write(t.Context(), func(tx storage.Tx) error {
			return tw.posts.ReceiveLike(t.Context(), tx, likeBy(t, tw.zoe, iri, &other))
		})
		if n := tw.byIRI(t, iri).Likes; n != 0 || !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %d likes on the word of another community: %v", iri, n, err)
		}
	}
	tw.like(t, tw.zoe, tw.bob.IRI+"/3", &other)
	if n := tw.byIRI(t, of("3", tw.makers)).Likes; n != 0 {
		t.Errorf("%d likes that another community told before", n)
	}
	free := note(tw.bob, "4", "hi")
	tw.receive(t, said(t, "Create", tw.bob, free))
	tw.like(t, tw.zoe, free.ID, &other)
	tw.write(t, func(tx storage.Tx) error { return tw.posts.ReceiveShare(t.Context(), tx, tw.cooks, free.ID) })
	if n := tw.byIRI(t, free.ID).Likes; n != 0 {
		t.Errorf("%d likes that another community told before this one took the post", n)
	}
}
