package timelines_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/posts"
	"passerelles/storage"
	"passerelles/storage/storagetest"
	"passerelles/timelines"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// titles gives what a list shows.
func titles(list []posts.Post, err error) []string {
	if err != nil {
		return []string{err.Error()}
	}
	var all []string
	for _, p := range list {
		all = append(all, p.Title+p.Source)
	}
	return all
}

func TestTimelines(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, iris := storagetest.New(t), federation.IRIs{Origin: "https://town.example"}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tick := func() time.Time { now = now.Add(time.Second); return now }
	dir := actors.New(actors.Options{DB: db, IRIs: iris, Secret: bytes.Repeat([]byte{7}, 32), Now: tick})
	_, err := dir.EnsureServer(ctx)
	check(t, err)
	people := accounts.NewService(accounts.Options{DB: db, Directory: dir, IRIs: iris, Now: tick})
	groups := communities.NewService(communities.Options{DB: db, Directory: dir, IRIs: iris, Now: tick})
	posting := posts.NewService(posts.Options{DB: db, Directory: dir, Communities: groups, IRIs: iris, Now: tick})
	lists := timelines.NewService(db, posting)

	person := func(name string) (a actors.Actor) {
		check(t, db.Write(ctx, func(tx storage.Tx) (err error) {
			a, err = dir.CreateLocal(ctx, tx, actors.NewLocal{Kind: actors.Person, Name: name})
			return err
		}))
		return a
	}
	ana, bob, eve := person("ana"), person("bob"), person("eve")
	makers, err := groups.Create(ctx, communities.New{Name: "makers", Title: "Makers", Animator: ana.ID})
	check(t, err)
	publish := func(by actors.Actor, d posts.Draft) posts.Post {
		p, err := posting.Publish(ctx, by.ID, d)
		check(t, err)
		return p
	}
	one := publish(bob, posts.Draft{Community: makers.Actor.ID, Title: "one", Text: "."})
	publish(ana, posts.Draft{Text: "ana alone"})
	publish(eve, posts.Draft{InReplyTo: one.ID, Text: "reply"})
	publish(bob, posts.Draft{Text: "psst @ana", Scope: posts.Direct})
	publish(bob, posts.Draft{Community: makers.Actor.ID, Title: "two", Text: ".", Scope: posts.Unlisted})
	gone := publish(bob, posts.Draft{Community: makers.Actor.ID, Title: "gone", Text: "."})
	check(t, posting.Delete(ctx, bob.ID, gone.ID))
	check(t, posting.Like(ctx, eve.ID, one.ID))
	_, err = people.Follow(ctx, eve.ID, ana)
	check(t, err)

	reader := func(a actors.Actor) access.Reader { return access.Reader{ID: a.ID} }
	anybody, first := access.Reader{}, timelines.Page{}
	for name, c := range map[string]struct{ got, want []string }{
		"ana's home: hers, and of makers, which she follows": {titles(lists.Home(ctx, reader(ana), first)),
			[]string{"two.", "ana alone", "one."}},
		"eve's home: of ana":              {titles(lists.Home(ctx, reader(eve), first)), []string{"ana alone"}},
		"nobody's home":                   {titles(lists.Home(ctx, anybody, first)), nil},
		"the community":                   {titles(lists.Community(ctx, anybody, makers.Actor.ID, first)), []string{"two.", "one."}},
		"its second page":                 {titles(lists.Community(ctx, anybody, makers.Actor.ID, timelines.Page{Before: one.ID + 1, Limit: 1})), []string{"one."}},
		"eve's page":                      {titles(lists.Profile(ctx, anybody, eve.ID, first)), []string{"reply"}},
		"bob's page as ana sees it":       {titles(lists.Profile(ctx, reader(ana), bob.ID, first)), []string{"two.", "psst @ana", "one."}},
		"bob's page as everybody sees it": {titles(lists.Profile(ctx, anybody, bob.ID, first)), []string{"two.", "one."}},
		"what is public here":             {titles(lists.Local(ctx, anybody, first)), []string{"one."}},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}

	list, err := lists.Community(ctx, reader(eve), makers.Actor.ID, timelines.Page{Before: one.ID + 1})
	check(t, err)
	p := list[0]
	if p.Replies != 1 || p.Likes != 1 || !p.LikedByReader || p.Author.ID != bob.ID || p.Community.ID != makers.Actor.ID {
		t.Errorf("post = %+v", p)
	}

	t.Run("each list has the audience that finds it", func(t *testing.T) {
		check(t, people.Mute(ctx, eve.ID, bob))
		_, err := people.Follow(ctx, eve.ID, bob)
		check(t, err)
		readers := []actors.ID{ana.ID, bob.ID, eve.ID, makers.Actor.ID}
		var all []int64
		rows, err := db.Query(ctx, "SELECT id FROM posts")
		check(t, err)
		for rows.Next() {
			var id int64
			check(t, rows.Scan(&id))
			all = append(all, id)
		}
		check(t, rows.Err())
		for list, read := range map[string]func(access.Reader) ([]posts.Post, error){
			timelines.InHome:  func(r access.Reader) ([]posts.Post, error) { return lists.Home(ctx, r, first) },
			timelines.InLocal: func(r access.Reader) ([]posts.Post, error) { return lists.Local(ctx, r, first) },
		} {
			told, err := lists.Audience(ctx, list, all, readers, false)
			check(t, err)
			found := 0
			for _, r := range readers {
				shown, err := read(access.Reader{ID: r})
				check(t, err)
				found += len(shown)
				for _, id := range all {
					finds := slices.ContainsFunc(shown, func(p posts.Post) bool { return p.ID == id })
					if got := slices.Contains(told[id], r); got != finds {
						t.Errorf("%s: it is told that %d finds post %d: %v, want %v", list, r, id, got, finds)
					}
				}
			}
			if found == 0 {
				t.Errorf("nobody finds anything in %s", list)
			}
		}
		was, err := lists.Audience(ctx, timelines.InHome, all, readers, true)
		check(t, err)
		if got := was[gone.ID]; len(was) != 1 || !slices.Contains(got, ana.ID) || !slices.Contains(got, bob.ID) {
			t.Errorf("of what is gone is told: %v", was)
		}
		direct, err := lists.Audience(ctx, timelines.InDirect, all, readers, false)
		check(t, err)
		if len(direct) != 1 {
			t.Errorf("direct: %v", direct)
		}
	})

	t.Run("what only claims to be in a community is in no list of it", func(t *testing.T) {
		_, err := db.Exec(ctx, "UPDATE posts SET local = false, announced = false WHERE id = $1", one.ID)
		check(t, err)
		if got, want := titles(lists.Community(ctx, anybody, makers.Actor.ID, first)), []string{"two."}; !slices.Equal(got, want) {
			t.Errorf("the community: %q, want %q", got, want)
		}
		if got, want := titles(lists.Home(ctx, reader(ana), first)), []string{"two.", "ana alone"}; !slices.Equal(got, want) {
			t.Errorf("ana's home: %q, want %q", got, want)
		}
	})
}
