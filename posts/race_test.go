package posts_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// TestAtOnce receives all that concerns a thread at the same time, twice, and
// finds what an orderly delivery would have left.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	const threads = 10
	receive := func(in posts.In) func(tx storage.Tx) error {
		return func(tx storage.Tx) error {
			_, err := tw.posts.Receive(t.Context(), tx, in)
			return err
		}
	}
	var all []func(tx storage.Tx) error
	for i := range threads {
		n := note(tw.bob, fmt.Sprint(i), "one", vocab.Public, tw.makers.IRI)
		later := n
		later.Content, later.Updated = "<p>two</p>", n.Published.Add(time.Minute)
		reply := note(tw.zoe, fmt.Sprint(i), "reply")
		reply.InReplyTo = n.ID
		second := note(tw.kim, fmt.Sprint(i), "reply to the reply")
		second.InReplyTo = reply.ID
		like := likeBy(t, tw.kim, n.ID, nil)
		all = append(all, receive(said(t, "Create", tw.bob, n)), receive(said(t, "Update", tw.bob, later)),
			receive(said(t, "Create", tw.zoe, reply)), receive(said(t, "Create", tw.kim, second)),
			func(tx storage.Tx) error { return tw.posts.ReceiveLike(t.Context(), tx, like) })
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := len(all) - 1; i >= -len(all); i-- {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := tw.db.Write(t.Context(), all[(i+len(all))%len(all)]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range threads {
		p := tw.byIRI(t, fmt.Sprintf("%s/%d", tw.bob.IRI, i))
		if p.Content != "<p>two</p>" || p.Replies != 2 || p.Likes != 1 {
			t.Errorf("%s: %q, %d replies, %d likes; want two, 2, 1", p.IRI, p.Content, p.Replies, p.Likes)
		}
	}
	var announced, posts int
	check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE announced), count(*) FROM posts`).Scan(&announced, &posts))
	if announced != 3*threads || posts != 3*threads {
		t.Errorf("%d posts, %d announced; want %d", posts, announced, 3*threads)
	}
}
