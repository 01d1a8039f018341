package posts_test

import (
	"testing"

	"passerelles/posts"
	"passerelles/storage"
)

func TestNobodyElsewhereTakesAPostOfOurs(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Text: "to those who follow me"})
	check(t, err)
	r, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{InReplyTo: p.ID, Text: "and more"})
	check(t, err)
	for _, iri := range []string{p.IRI, r.IRI} {
		tw.write(t, func(tx storage.Tx) error { return tw.posts.ReceiveShare(t.Context(), tx, tw.cooks, iri) })
		if got := tw.byIRI(t, iri); got.Community != nil || got.Announced || got.Title != "" {
			t.Errorf("a community elsewhere took %s: in %v, title %q", iri, got.Community, got.Title)
		}
	}
}
