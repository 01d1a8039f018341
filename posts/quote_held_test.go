package posts_test

import (
	"strings"
	"testing"

	"passerelles/access"
	"passerelles/accounts"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/posts"
	"passerelles/storage"
)

// withNotices has the town tell members, and gives one who is told.
func (tw *town) withNotices(t *testing.T) actors.Actor {
	t.Helper()
	notices, err := notifications.NewService(notifications.Options{DB: tw.db, Site: "Town", Origin: origin, Now: tw.clock.Now})
	check(t, err)
	tw.posts = posts.NewService(posts.Options{DB: tw.db, Directory: tw.dir, Communities: tw.communities, Media: tw.media, Notices: notices,
		IRIs: federation.IRIs{Origin: origin}, Now: tw.clock.Now})
	m, err := tw.accounts.Create(t.Context(), accounts.New{Name: "lea", Email: "lea@town.example", Password: "correct horse battery"})
	check(t, err)
	lea, err := tw.dir.ByID(t.Context(), m.ID)
	check(t, err)
	return lea
}

// told counts what somebody is told of quotes.
func (tw *town) told(t *testing.T, who actors.Actor) (n int) {
	t.Helper()
	check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM notices WHERE reader = $1 AND kind = 'quoted'`, who.ID).Scan(&n))
	return n
}

func (tw *town) leaves(t *testing.T) (n int) {
	t.Helper()
	check(t, tw.db.QueryRow(t.Context(), `SELECT count(*) FROM quotes`).Scan(&n))
	return n
}

func (tw *town) firstPostsWait(t *testing.T) {
	t.Helper()
	check(t, tw.communities.SetPosting(t.Context(), tw.ana.ID, tw.makers.ID, communities.Posting{Who: communities.PostAll, FirstPosts: 1}))
}

func (tw *town) admit(t *testing.T, id int64) {
	t.Helper()
	check(t, tw.posts.Rule(t.Context(), tw.ana.ID, id, posts.Ruling{Act: communities.Admit}))
}

// TestLeaveOfWhatWaits: who is quoted gives leave, and is told, when the post that quotes is let in, by what they let then.
func TestLeaveOfWhatWaits(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	lea, eve, gus := tw.withNotices(t), tw.member(t, "eve"), tw.member(t, "gus")
	tw.firstPostsWait(t)
	saw := tw.says(t, lea, posts.Draft{Text: "a saw"})
	quotes := func(by actors.Actor) posts.Post {
		t.Helper()
		p := tw.says(t, by, posts.Draft{Community: tw.makers.ID, Text: "look", Quote: saw.ID})
		if !p.Held || p.Quote.State != posts.Pending || tw.told(t, lea) != 0 || tw.leaves(t) != 0 {
			t.Errorf("while it waits (%t): it quotes %+v, %d told, %d leaves", p.Held, p.Quote, tw.told(t, lea), tw.leaves(t))
		}
		return p
	}
	refused := quotes(gus)
	check(t, tw.posts.SetQuotable(t.Context(), lea.ID, saw.ID, posts.QuotedByNobody))
	tw.admit(t, refused.ID)
	if p := tw.byIRI(t, refused.IRI); p.Quote.State != posts.Rejected || tw.leaves(t) != 0 || tw.told(t, lea) != 0 || tw.wire(t, p.ID).QuoteOf != "" {
		t.Errorf("let in once that was closed, it quotes %+v", p.Quote)
	}
	check(t, tw.posts.SetQuotable(t.Context(), lea.ID, saw.ID, posts.QuotedByAll))
	first := quotes(eve)
	tw.cleared(t)
	tw.admit(t, first.ID)
	if p := tw.byIRI(t, first.IRI); !p.Quote.Shown() || tw.told(t, lea) != 1 {
		t.Errorf("let in, it quotes %+v, %d told", p.Quote, tw.told(t, lea))
	}
	var create string
	check(t, tw.db.QueryRow(t.Context(), `SELECT convert_from(body, 'UTF8') FROM activities WHERE type = 'Create'`).Scan(&create))
	if !strings.Contains(create, saw.IRI+"/quotes/") {
		t.Errorf("it is told without its leave: %s", create)
	}
}

// TestNoRequestOfWhatClosed: nobody elsewhere is asked, with the whole post, whether a post may quote them that is not
// for everybody when it is let in.
func TestNoRequestOfWhatClosed(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	eve := tw.member(t, "eve")
	tw.firstPostsWait(t)
	theirs := note(tw.kim, "1", "kim's")
	theirs.QuotableBy = []string{vocab.Public}
	tw.receive(t, said(t, "Create", tw.kim, theirs))
	p := tw.says(t, eve, posts.Draft{Community: tw.makers.ID, Text: "look", Quote: tw.byIRI(t, theirs.ID).ID})
	_, err := tw.db.Exec(t.Context(), `UPDATE communities SET access = 'confidential' WHERE actor = $1`, tw.makers.ID)
	check(t, err)
	tw.cleared(t)
	tw.admit(t, p.ID)
	if got := strings.Join(tw.sent(t), "\n"); strings.Contains(got, "QuoteRequest") {
		t.Errorf("let in, it is told\n%s", got)
	}
	if q := tw.byIRIFor(t, tw.ana.ID, p.IRI).Quote; q.State != posts.Rejected {
		t.Errorf("it quotes %+v", q)
	}
}

// TestToldOfQuotesWithin: who is quoted is told of a quote that stands in a community of ours, from when they may read it.
func TestToldOfQuotesWithin(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	lea := tw.withNotices(t)
	saw := tw.says(t, lea, posts.Draft{Text: "a saw"})
	quotes := func(by actors.Actor, number string) vocab.Note {
		t.Helper()
		n := note(by, number, "see this", vocab.Public, tw.makers.IRI)
		n.QuoteOf = saw.IRI
		tw.write(t, func(tx storage.Tx) error {
			return tw.posts.ReceiveQuoteRequest(t.Context(), tx, posts.QuoteRequest{By: by, Post: saw.IRI, Quoting: posts.In{Note: n, Author: by}, Request: n.ID + "/ask"})
		})
		return n
	}
	n := quotes(tw.bob, "1")
	if tw.told(t, lea) != 0 {
		t.Error("she is told of what is not here")
	}
	tw.receive(t, said(t, "Create", tw.bob, n))
	tw.receive(t, said(t, "Create", tw.bob, n))
	if tw.told(t, lea) != 1 {
		t.Errorf("she is told %d times, want once", tw.told(t, lea))
	}
	before := note(tw.bob, "2", "before it is asked", vocab.Public, tw.makers.IRI)
	before.QuoteOf = saw.IRI
	tw.receive(t, said(t, "Create", tw.bob, before))
	if tw.told(t, lea) != 1 {
		t.Error("she is told of what has no leave")
	}
	tw.write(t, func(tx storage.Tx) error {
		return tw.posts.ReceiveQuoteRequest(t.Context(), tx, posts.QuoteRequest{By: tw.bob, Post: saw.IRI, Quoting: posts.In{Note: before, Author: tw.bob}, Request: before.ID + "/ask"})
	})
	if tw.told(t, lea) != 2 {
		t.Errorf("once there is leave she is told of %d, want 2", tw.told(t, lea))
	}

	tw.firstPostsWait(t)
	late := quotes(tw.kim, "3")
	tw.receive(t, said(t, "Create", tw.kim, late))
	if tw.told(t, lea) != 2 {
		t.Error("she is told of what waits")
	}
	tw.admit(t, tw.byIRIFor(t, tw.ana.ID, late.ID).ID)
	if tw.told(t, lea) != 3 {
		t.Errorf("let in, she is told of %d, want 3", tw.told(t, lea))
	}
	if _, err := tw.posts.ByIRI(t.Context(), access.Reader{ID: lea.ID}, late.ID); err != nil {
		t.Error(err)
	}
}
