package posts_test

import (
	"sync"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/media"
	"passerelles/posts"
)

// other is the service of another process on the same database.
func (tw *town) other() *posts.Service {
	return posts.NewService(posts.Options{DB: tw.db, Directory: tw.dir, Communities: tw.communities, Media: tw.media, IRIs: iris(), Now: tw.clock.Now})
}

// TestOneKeyIsOnePost: whoever asks again, at the same time and of another process, gets what was written.
func TestOneKeyIsOnePost(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, dora := t.Context(), tw.member(t, "dora")
	file := tw.takes(t, tw.ana, "a.pdf")
	draft := posts.Draft{Community: tw.makers.ID, Text: "Once.", Key: "k", Files: []media.Attach{file}}
	services, ids := []*posts.Service{tw.posts, tw.other()}, make([]int64, 10)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			p, err := services[i%2].Publish(ctx, tw.ana.ID, draft)
			if err != nil {
				t.Error(err)
			}
			ids[i] = p.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("they are %v", ids)
		}
	}
	wantSent(t, tw,
		"ana: Create(Note) -> ",
		"makers: Announce(Create(Note)) -> lemmy.example new.example",
		"makers: Announce(id) -> mastodon.example new.example")
	draft.Files = nil
	writes := func(who actors.Actor, d posts.Draft) int64 {
		t.Helper()
		p, err := tw.posts.Publish(ctx, who.ID, d)
		check(t, err)
		return p.ID
	}
	if hers := writes(dora, draft); hers == ids[0] {
		t.Error("Dora's key is Ana's")
	}
	failed := draft
	failed.Key, failed.Files = "l", []media.Attach{{ID: 1}}
	if _, err := tw.posts.Publish(ctx, tw.ana.ID, failed); err == nil {
		t.Error("a file that is not there is published")
	}
	failed.Files = nil
	if again := writes(tw.ana, failed); again == ids[0] {
		t.Error("what failed took the key")
	}
	tw.clock.pass(59 * time.Minute)
	if again := writes(tw.ana, draft); again != ids[0] {
		t.Error("the key is forgotten within the hour")
	}
	tw.clock.pass(2 * time.Minute)
	if again := writes(tw.ana, draft); again == ids[0] {
		t.Error("the key counts after an hour")
	}
	tw.clock.pass(2 * time.Hour)
	check(t, tw.posts.Sweep(ctx))
	var left int
	check(t, tw.db.QueryRow(ctx, `SELECT count(*) FROM post_keys`).Scan(&left))
	if left != 0 {
		t.Errorf("%d keys are kept", left)
	}
}
