package posts_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

func TestReceive(t *testing.T) {
	t.Parallel()

	t.Run("a mention of a community from a microblog is a post in it, announced as it came", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := note(tw.bob, "1", "", vocab.Public)
		n.Content = `<p><span class="h-card"><a href="https://town.example/c/makers" class="u-url mention">@<span>makers</span></a></span> Who has a lathe?</p>`
		n.Cc = append(n.Cc, tw.makers.IRI)
		n.Tags = []vocab.Tag{{Type: "Mention", Href: tw.makers.IRI, Name: "@makers@town.example"}}
		in := said(t, "Create", tw.bob, n)
		tw.receive(t, in)
		p := tw.byIRI(t, n.ID)
		if p.Community == nil || p.Community.ID != tw.makers.ID || p.Title != "Who has a lathe?" {
			t.Errorf("community %v, title %q", p.Community, p.Title)
		}
		wantSent(t, tw,
			"makers: Announce(Create(Note)) -> lemmy.example new.example",
			"makers: Announce(id) -> mastodon.example new.example")
		var body []byte
		check(t, tw.db.QueryRow(t.Context(), `SELECT body FROM activities ORDER BY id LIMIT 1`).Scan(&body))
		if !strings.Contains(string(body), string(in.Activity)) {
			t.Errorf("the activity is not the one that came:\n%s", body)
		}
	})

	t.Run("the people of ours whom it names read what is direct", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := note(tw.bob, "1", "psst", tw.ana.IRI)
		n.Cc = nil
		tw.receive(t, said(t, "Create", tw.bob, n))
		if _, err := tw.posts.ByIRI(t.Context(), access.Reader{}, n.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("everybody reads it: %v", err)
		}
		if _, err := tw.posts.ByIRI(t.Context(), reader(tw.ana), n.ID); err != nil {
			t.Errorf("ana does not: %v", err)
		}
	})

	t.Run("what is for followers is for nobody else", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := note(tw.bob, "1", "friends", tw.bob.Followers)
		n.Cc = []string{tw.makers.IRI}
		tw.receive(t, said(t, "Create", tw.bob, n))
		if _, err := tw.posts.ByIRI(t.Context(), reader(tw.ana), n.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("ana reads it: %v", err)
		}
		wantSent(t, tw)
	})

	t.Run("a sub-thread that came first is attached and announced when its parent comes", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		reply := func(by actors.Actor, name string, to actors.Actor, parent string) posts.In {
			n := note(by, name, "reply "+name)
			n.InReplyTo = to.IRI + "/" + parent
			return said(t, "Create", by, n)
		}
		tw.receive(t, reply(tw.kim, "3", tw.zoe, "2"))
		tw.receive(t, reply(tw.zoe, "2", tw.bob, "1"))
		wantSent(t, tw)
		tw.receive(t, said(t, "Create", tw.bob, note(tw.bob, "1", "root", vocab.Public, tw.makers.IRI)))
		root := tw.byIRI(t, tw.bob.IRI+"/1")
		thread, err := tw.posts.Thread(t.Context(), access.Reader{}, root.ID)
		check(t, err)
		if len(thread) != 3 || root.Replies != 2 {
			t.Fatalf("thread has %d posts, root %d replies; want 3, 2", len(thread), root.Replies)
		}
		for _, p := range thread {
			if p.Community == nil || p.Community.ID != tw.makers.ID || p.Root != root.ID || !p.Announced {
				t.Errorf("%s: community %v root %d announced %v", p.IRI, p.Community, p.Root, p.Announced)
			}
		}
		wantSent(t, tw,
			"makers: Announce(Create(Note)) -> lemmy.example new.example",
			"makers: Announce(id) -> mastodon.example new.example",
			"makers: Announce(Create(Note)) -> lemmy.example new.example",
			"makers: Announce(Create(Note)) -> lemmy.example new.example")
	})

	t.Run("posts that reply to each other are no thread", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		for _, pair := range [][2]string{{"1", "2"}, {"2", "3"}, {"3", "1"}} {
			n := note(tw.bob, pair[0], "ring")
			n.InReplyTo = tw.bob.IRI + "/" + pair[1]
			tw.receive(t, said(t, "Create", tw.bob, n))
		}
	})

	t.Run("a late reply in a thread whose head is missing keeps one root", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := note(tw.zoe, "2", "orphan")
		n.InReplyTo = tw.bob.IRI + "/1"
		tw.receive(t, said(t, "Create", tw.zoe, n))
		var wg sync.WaitGroup
		both := []posts.In{said(t, "Create", tw.bob, note(tw.bob, "1", "head"))}
		m := note(tw.kim, "3", "child")
		m.InReplyTo = tw.zoe.IRI + "/2"
		for _, in := range append(both, said(t, "Create", tw.kim, m)) {
			wg.Go(func() {
				err := tw.db.Write(t.Context(), func(tx storage.Tx) error {
					_, err := tw.posts.Receive(t.Context(), tx, in)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		thread, err := tw.posts.Thread(t.Context(), access.Reader{}, tw.byIRI(t, tw.bob.IRI+"/1").ID)
		check(t, err)
		if len(thread) != 3 {
			t.Errorf("thread has %d posts, want 3", len(thread))
		}
	})

	t.Run("an old post does not jump to the top, one of tomorrow is of today", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		old, next := note(tw.bob, "1", "old"), note(tw.bob, "2", "next")
		old.Published, next.Published = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
		tw.receive(t, said(t, "Create", tw.bob, old))
		tw.receive(t, said(t, "Create", tw.bob, next))
		if at := storage.IDTime(tw.byIRI(t, old.ID).ID); at.Year() != 2020 {
			t.Errorf("old post's id is of %v", at)
		}
		if p := tw.byIRI(t, next.ID); p.Published.Year() != 2026 || storage.IDTime(p.ID).Year() != 2026 {
			t.Errorf("tomorrow's post is of %v", p.Published)
		}
	})

	t.Run("scripts and other people's pages are dropped", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := note(tw.bob, "1", "x<script>alert(1)</script>")
		n.URL = "https://bank.example/"
		n.Attachments = []vocab.Attachment{{Type: "Link", URL: "https://news.example/a?b&c"}}
		tw.receive(t, said(t, "Create", tw.bob, n))
		p := tw.byIRI(t, n.ID)
		if strings.Contains(p.Content, "script") || p.URL != "" || !strings.Contains(p.Content, `href="https://news.example/a?b&amp;c"`) {
			t.Errorf("content %q, url %q", p.Content, p.URL)
		}
	})
}

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	local, err := tw.posts.Publish(t.Context(), tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "ours"})
	check(t, err)
	theirs := note(tw.bob, "1", "by bob", vocab.Public, tw.makers.IRI)
	tw.receive(t, said(t, "Create", tw.bob, theirs))
	before := tw.state(t)

	refused := func(name string, do func(tx storage.Tx) error) {
		t.Helper()
		err := tw.db.Write(t.Context(), do)
		if !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v, want refused", name, err)
		}
	}
	receive := func(in posts.In) func(tx storage.Tx) error {
		return func(tx storage.Tx) error {
			_, err := tw.posts.Receive(t.Context(), tx, in)
			return err
		}
	}
	remove := func(by actors.Actor, iri string) func(tx storage.Tx) error {
		return func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveDelete(t.Context(), tx, posts.Deletion{By: by, IRI: iri})
			return err
		}
	}
	mine := theirs
	mine.AttributedTo, mine.Authors, mine.Updated = tw.kim.IRI, []string{tw.kim.IRI}, theirs.Published.Add(time.Hour)
	refused("a post of another server", receive(said(t, "Update", tw.kim, mine)))
	forged := theirs
	forged.ID = local.IRI
	refused("a post of ours", receive(said(t, "Update", tw.bob, forged)))
	taken := theirs
	taken.AttributedTo, taken.Authors = tw.remote(t, "eve", "mastodon.example", actors.Person, actors.Microblog).IRI, nil
	eve, err := tw.dir.ByIRI(t.Context(), taken.AttributedTo)
	check(t, err)
	taken.Updated = theirs.Published.Add(time.Hour)
	refused("a neighbour's post", receive(said(t, "Update", eve, taken)))
	refused("the end of another's post", remove(tw.kim, theirs.ID))
	refused("the end of ours", remove(tw.bob, local.IRI))
	refused("the end of what is not theirs", remove(tw.bob, "https://new.example/9"))
	refused("a like of what was never here", func(tx storage.Tx) error {
		return tw.posts.ReceiveLike(t.Context(), tx, likeBy(t, tw.bob, origin+"/posts/1", nil))
	})
	if after := tw.state(t); after != before {
		t.Errorf("state after:\n%s\nbefore:\n%s", after, before)
	}
}

func TestReceiveKeepsAudience(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "secret", tw.ana.IRI)
	n.Cc = nil
	tw.receive(t, said(t, "Create", tw.bob, n))
	wide := note(tw.bob, "1", "less secret", vocab.Public, tw.makers.IRI)
	wide.Updated = n.Published.Add(time.Minute)
	tw.receive(t, said(t, "Update", tw.bob, wide))
	p, err := tw.posts.ByIRI(t.Context(), reader(tw.ana), n.ID)
	check(t, err)
	if p.Scope != posts.Direct || p.Community != nil || !strings.Contains(p.Content, "less") {
		t.Errorf("scope %s, community %v, content %s", p.Scope, p.Community, p.Content)
	}
	wantSent(t, tw)

	_, err = tw.db.Exec(t.Context(), `INSERT INTO memberships (community, who, role, since) VALUES ($1, $2, 'member', $3)`, tw.makers.ID, tw.bob.ID, tw.clock.Now())
	check(t, err)
	inside := note(tw.bob, "2", "for members", tw.makers.Followers)
	inside.Cc, inside.Audience = nil, []string{tw.makers.IRI}
	tw.receive(t, said(t, "Create", tw.bob, inside))
	wide = note(tw.bob, "2", "for everybody", vocab.Public, tw.makers.IRI)
	wide.Updated = inside.Published.Add(time.Minute)
	tw.receive(t, said(t, "Update", tw.bob, wide))
	p, err = tw.posts.ByIRI(t.Context(), reader(tw.bob), inside.ID)
	check(t, err)
	if p.Scope != posts.Members || !strings.Contains(p.Content, "for everybody") {
		t.Errorf("what was for members is %s, and reads %s", p.Scope, p.Content)
	}
	if _, err := tw.posts.ByIRI(t.Context(), access.Reader{}, inside.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("anybody reads it: %v", err)
	}
}

// TestVersionsAreBounded edits a post more often than is kept, the last edits first.
func TestVersionsAreBounded(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "version 0")
	n.Published = n.Published.Add(-24 * time.Hour)
	tw.receive(t, said(t, "Create", tw.bob, n))
	for i := 80; i > 0; i-- {
		n.Content, n.Updated = fmt.Sprintf("version %d", i), n.Published.Add(time.Duration(i)*time.Minute)
		tw.receive(t, said(t, "Update", tw.bob, n))
	}
	rows, _ := tw.db.Query(t.Context(), `SELECT content FROM post_versions ORDER BY at`)
	kept, err := pgx.CollectRows(rows, pgx.RowTo[string])
	check(t, err)
	if len(kept) != 50 || kept[0] != "version 30" || kept[49] != "version 79" || tw.byIRI(t, n.ID).Content != "version 80" {
		t.Errorf("%d are kept: %q", len(kept), kept)
	}
}

func TestReportedLikes(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "hi", vocab.Public, tw.cooks.IRI)
	tw.receive(t, said(t, "Create", tw.bob, n))
	liked := func() int { return tw.byIRI(t, n.ID).Likes }
	other := tw.remote(t, "others", "new.example", actors.Group, actors.Unknown)

	tw.like(t, tw.zoe, n.ID, &tw.cooks)
	tw.like(t, tw.zoe, n.ID, &tw.cooks)
	if liked() != 1 {
		t.Errorf("likes = %d, want 1", liked())
	}
	if tw.unlike(t, tw.zoe, n.ID, &other) || liked() != 1 {
		t.Error("a group takes back what another reported")
	}
	tw.like(t, tw.zoe, n.ID, nil) // now her own word
	if tw.unlike(t, tw.zoe, n.ID, &tw.cooks) || liked() != 1 {
		t.Error("a group takes back what the author said herself")
	}
	if !tw.unlike(t, tw.zoe, n.ID, nil) || liked() != 0 {
		t.Error("she cannot take it back")
	}
}

func TestLikesBeforeTheirPost(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "hi", vocab.Public, tw.makers.IRI)
	_, err := tw.db.Exec(t.Context(), `INSERT INTO blocks (blocker, blocked, since) VALUES ($1, $2, $3)`, tw.makers.ID, tw.kim.ID, tw.clock.Now())
	check(t, err)
	tw.like(t, tw.zoe, n.ID, &tw.cooks) // who would hear of it from them
	tw.like(t, tw.zoe, n.ID, nil)
	tw.like(t, tw.ana, n.ID, &tw.cooks)
	tw.like(t, tw.kim, n.ID, nil)
	tw.receive(t, said(t, "Create", tw.bob, n))
	if got := tw.byIRI(t, n.ID).Likes; got != 1 {
		t.Errorf("likes = %d, want Zoe's, and nothing that a community says of another's post", got)
	}
	wantSent(t, tw,
		"makers: Announce(Create(Note)) -> lemmy.example new.example",
		"makers: Announce(id) -> mastodon.example new.example",
		"makers: Announce(Like(id)) -> lemmy.example new.example")

	elsewhere := note(tw.bob, "2", "hi", vocab.Public, tw.cooks.IRI)
	tw.cleared(t)
	tw.like(t, tw.zoe, elsewhere.ID, nil)
	tw.receive(t, said(t, "Create", tw.bob, elsewhere))
	wantSent(t, tw)
}

func TestLikesOfOrphans(t *testing.T) {
	t.Parallel()
	reply := func(tw *town) vocab.Note {
		n := note(tw.zoe, "2", "orphan", vocab.Public, tw.makers.IRI)
		n.InReplyTo = tw.bob.IRI + "/1"
		return n
	}
	head := func(tw *town) vocab.Note { return note(tw.bob, "1", "head", vocab.Public, tw.makers.IRI) }
	announced := []string{
		"makers: Announce(Create(Note)) -> lemmy.example new.example",
		"makers: Announce(id) -> mastodon.example new.example",
		"makers: Announce(Create(Note)) -> lemmy.example new.example",
	}

	t.Run("are announced once their thread is in the community", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := reply(tw)
		tw.like(t, tw.bob, n.ID, nil) // before it came
		tw.receive(t, said(t, "Create", tw.zoe, n))
		tw.like(t, tw.kim, n.ID, nil)
		wantSent(t, tw)
		tw.receive(t, said(t, "Create", tw.bob, head(tw)))
		wantSent(t, tw, append(announced, "makers: Announce(Like(id)) -> lemmy.example new.example",
			"makers: Announce(Like(id)) -> lemmy.example new.example")...)
		if got := tw.byIRI(t, n.ID).Likes; got != 2 {
			t.Errorf("likes = %d, want 2", got)
		}
	})

	t.Run("are not when they were taken back", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		n := reply(tw)
		tw.receive(t, said(t, "Create", tw.zoe, n))
		tw.like(t, tw.kim, n.ID, nil)
		if !tw.unlike(t, tw.kim, n.ID, nil) {
			t.Error("nothing was taken back")
		}
		tw.receive(t, said(t, "Create", tw.bob, head(tw)))
		wantSent(t, tw, announced...)
	})

	t.Run("nor in a community elsewhere", func(t *testing.T) {
		t.Parallel()
		tw := newTown(t)
		tw.receive(t, said(t, "Create", tw.zoe, reply(tw)))
		tw.like(t, tw.kim, reply(tw).ID, nil)
		tw.receive(t, said(t, "Create", tw.bob, note(tw.bob, "1", "head", vocab.Public, tw.cooks.IRI)))
		wantSent(t, tw)
		var n int
		check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM early_likes`).Scan(&n))
		if n != 0 {
			t.Errorf("%d likes still wait, want none", n)
		}
	})
}

func TestOrphanFetchedBeforeItsActivity(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.zoe, "2", "orphan", vocab.Public, tw.makers.IRI)
	n.InReplyTo = tw.bob.IRI + "/1"
	in := said(t, "Create", tw.zoe, n)
	fetched := in
	fetched.Activity, fetched.ActivityIRI, fetched.ActivityType = nil, "", ""
	tw.receive(t, fetched)
	tw.receive(t, in)
	tw.receive(t, said(t, "Create", tw.bob, note(tw.bob, "1", "head", vocab.Public, tw.makers.IRI)))
	wantSent(t, tw,
		"makers: Announce(Create(Note)) -> lemmy.example new.example",
		"makers: Announce(id) -> mastodon.example new.example",
		"makers: Announce(Create(Note)) -> lemmy.example new.example")
}

func TestReceiveShare(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	n := note(tw.bob, "1", "hello there")
	tw.receive(t, said(t, "Create", tw.bob, n))
	r := note(tw.kim, "2", "reply")
	r.InReplyTo = n.ID
	tw.receive(t, said(t, "Create", tw.kim, r))
	share := func(group actors.Actor) {
		tw.write(t, func(tx storage.Tx) error { return tw.posts.ReceiveShare(t.Context(), tx, group, n.ID) })
	}
	share(tw.cooks)
	share(tw.cooks)
	share(tw.remote(t, "others", "new.example", actors.Group, actors.Unknown))
	thread, err := tw.posts.Thread(t.Context(), access.Reader{}, tw.byIRI(t, n.ID).ID)
	check(t, err)
	var names []string
	for _, p := range thread {
		names = append(names, p.Community.Name+" "+p.Title)
	}
	slices.Sort(names)
	if want := []string{"cooks ", "cooks hello there"}; !slices.Equal(names, want) {
		t.Errorf("communities = %q, want %q", names, want)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	count := func(table string) (n int) {
		check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n))
		return n
	}
	rumour := func() {
		check(t, tw.db.Write(t.Context(), func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveRumour(t.Context(), tx, tw.bob.IRI+"/gone")
			return err
		}))
	}
	tw.like(t, tw.zoe, tw.bob.IRI+"/never", nil)
	rumour()
	check(t, tw.posts.Sweep(t.Context()))
	if count("early_likes") != 1 || count("rumours") != 1 {
		t.Error("a like does not wait for its post, or a rumour was forgotten at once")
	}
	tw.clock.pass(8 * 24 * time.Hour)
	check(t, tw.posts.Sweep(t.Context()))
	if count("early_likes") != 0 || count("rumours") != 0 {
		t.Error("a like waits for ever, or a rumour stays")
	}
}
