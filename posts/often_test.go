package posts_test

import (
	"fmt"
	"testing"
	"time"

	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// hasty has the service let few posts leave in an hour.
func (tw *town) hasty(few int) {
	tw.posts = posts.NewService(posts.Options{DB: tw.db, Directory: tw.dir, Communities: tw.communities, Media: tw.media,
		Client: federation.NewClient(federation.Options{Origin: origin, UserAgent: "test"}), IRIs: federation.IRIs{Origin: origin},
		Now: tw.clock.Now, PostsAnHour: few})
}

// TestPostsAnHour: who writes more than usual is asked to come back; what comes from elsewhere
// is taken later, alone or with others.
func TestPostsAnHour(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	tw.hasty(3)
	says := func() error {
		_, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "Saw", Text: "To lend."})
		return err
	}
	left := func() (n int) {
		check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM activities WHERE type = 'Announce'`).Scan(&n))
		return n
	}
	for range 3 {
		check(t, says())
	}
	before := left()
	if err := says(); !fault.Is(err, fault.TooMany) || fault.After(err) <= 0 || fault.After(err) > time.Hour {
		t.Errorf("the fourth: %v, after %v", err, fault.After(err))
	}
	comes := func(n int) error {
		a := said(t, "Create", tw.bob, note(tw.bob, fmt.Sprint(n), "hi", vocab.Public, tw.makers.IRI))
		return tw.db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := tw.posts.Receive(t.Context(), tx, a)
			return err
		})
	}
	for n := range 3 {
		check(t, comes(n))
	}
	if err := comes(3); !fault.Is(err, fault.TooMany) || fault.After(err) <= 0 {
		t.Errorf("the fourth from elsewhere: %v", err)
	}
	both := []posts.In{said(t, "Create", tw.bob, note(tw.bob, "4", "hi", vocab.Public, tw.makers.IRI)),
		said(t, "Create", tw.zoe, note(tw.zoe, "5", "hi", vocab.Public, tw.makers.IRI))}
	check(t, tw.db.Write(t.Context(), func(tx storage.Tx) error {
		kept, err := tw.posts.ReceiveNew(t.Context(), tx, both)
		if err == nil && (kept[0] || !kept[1]) {
			t.Errorf("of the hasty and another there were taken %v", kept)
		}
		return err
	}))
	if n := left(); n <= before {
		t.Error("nothing left of what was let in")
	}
	elsewhere := said(t, "Create", tw.bob, note(tw.bob, "6", "to those who follow me", vocab.Public))
	tw.receive(t, elsewhere) // what no community of ours passes on is not counted
	tw.clock.pass(time.Hour)
	check(t, says())
	check(t, comes(3))
}

// TestEditsAnHour changes a post without end.
func TestEditsAnHour(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	p, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Title: "Saw", Text: "To lend."})
	check(t, err)
	edit := func() error {
		_, err := tw.posts.Edit(t.Context(), tw.ana.ID, p.ID, posts.Draft{Title: "Saw", Text: "To give."})
		return err
	}
	for range 30 {
		check(t, edit())
	}
	if err := edit(); !fault.Is(err, fault.TooMany) || fault.After(err) <= 0 {
		t.Errorf("the 31st: %v", err)
	}
	tw.clock.pass(time.Hour)
	check(t, edit())

	n := note(tw.bob, "1", "version 0", vocab.Public, tw.makers.IRI)
	tw.receive(t, said(t, "Create", tw.bob, n))
	told := func() (n int) {
		check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM activities WHERE type = 'Announce' AND object = $1`, tw.bob.IRI+"/1").Scan(&n))
		return n
	}
	before := told()
	for i := range 40 {
		n.Content, n.Updated = fmt.Sprintf("version %d", i+1), n.Published.Add(time.Duration(i+1)*time.Second)
		update := said(t, "Update", tw.bob, n)
		update.ActivityIRI = fmt.Sprintf("%s/updates/%d", tw.bob.IRI, i)
		tw.receive(t, update)
	}
	if got := told() - before; got != 30 {
		t.Errorf("%d changes were passed on, want 30", got)
	}
	if got := tw.byIRI(t, n.ID).Content; got != "version 40" {
		t.Errorf("it reads %q, want the last", got)
	}
}
