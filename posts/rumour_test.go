package posts_test

import (
	"testing"

	"passerelles/fault"
	"passerelles/posts"
	"passerelles/storage"
)

// TestRumoursWithoutEnd has somebody say all the time that a post is deleted, which is not:
// it comes all the same before those who ask for it give up.
func TestRumoursWithoutEnd(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "here")
	for try := 1; ; try++ {
		turn, err := tw.posts.Turn(t.Context())
		check(t, err)
		tw.write(t, func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveRumour(t.Context(), tx, n.ID)
			return err
		})
		err = tw.db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := tw.posts.Receive(t.Context(), tx, posts.In{Note: n, Author: tw.bob, Asked: turn})
			return err
		})
		if err == nil {
			if try == 1 {
				t.Error("the first rumour counted for nothing")
			}
			return
		}
		if !fault.Is(err, fault.Unavailable) {
			t.Fatal(err)
		}
		if try == 5 {
			t.Fatal("it did not come in five tries")
		}
	}
}
