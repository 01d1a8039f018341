package posts_test

import (
	"testing"

	"passerelles/fault"
)

func TestFetchGivesNothingPrivate(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "psst", tw.ana.IRI)
	n.Cc = nil
	tw.receive(t, said(t, "Create", tw.bob, n))
	if p, err := tw.posts.Fetch(t.Context(), n.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("whoever knows its address reads %q: %v", p.Content, err)
	}
}
