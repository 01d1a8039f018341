package posts_test

import (
	"fmt"
	"testing"
	"time"

	"passerelles/storage"
)

func TestIDs(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "head", "head")
	tw.receive(t, said(t, "Create", tw.bob, n))
	head := tw.byIRI(t, n.ID)
	if at := storage.IDTime(head.ID); at.Sub(n.Published) >= time.Second || at.Before(n.Published) {
		t.Errorf("id of %v for a post of %v", at, n.Published)
	}
	for i := range 20 { // all say the same second
		r := note(tw.zoe, fmt.Sprint(i), "reply")
		r.InReplyTo = n.ID
		tw.receive(t, said(t, "Create", tw.zoe, r))
		if id := tw.byIRI(t, r.ID).ID; id <= head.ID {
			t.Errorf("reply %d comes before its parent %d", id, head.ID)
		}
	}
}
