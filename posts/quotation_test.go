package posts_test

import (
	"strings"
	"testing"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

func (tw *town) says(t *testing.T, by actors.Actor, d posts.Draft) posts.Post {
	t.Helper()
	p, err := tw.posts.Publish(t.Context(), by.ID, d)
	check(t, err)
	return p
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// wire is the document of a post as everybody reads it.
func (tw *town) wire(t *testing.T, id int64) vocab.Note {
	t.Helper()
	p, err := tw.posts.ByID(t.Context(), access.Reader{}, id)
	check(t, err)
	body, err := posts.Document(p, federation.IRIs{Origin: origin}).Encode()
	check(t, err)
	n, err := vocab.ReadNote(body)
	check(t, err)
	return n
}

func TestWhoMayQuote(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve := t.Context(), tw.member(t, "eve")
	open := tw.says(t, tw.ana, posts.Draft{Text: "for all"})
	quiet := tw.says(t, tw.ana, posts.Draft{Text: "softly", Scope: posts.Unlisted})
	loud := tw.says(t, tw.ana, posts.Draft{Text: "softly, but quote me", Scope: posts.Unlisted, Quotable: posts.QuotedByAll})
	fans := tw.says(t, tw.ana, posts.Draft{Text: "for those who follow", Quotable: posts.QuotedByFollowers})
	mine := tw.says(t, tw.ana, posts.Draft{Text: "mine", Quotable: posts.QuotedByNobody})
	inside := tw.says(t, tw.ana, posts.Draft{Community: tw.makers.ID, Text: "among us", Scope: posts.Members, Quotable: posts.QuotedByAll})
	quote := func(by actors.Actor, p posts.Post, scope string) (posts.Post, error) {
		return tw.posts.Publish(ctx, by.ID, posts.Draft{Text: "look", Quote: p.ID, Scope: scope})
	}
	for _, tc := range []struct {
		name string
		post posts.Post
		says []string
		kind fault.Kind
	}{
		{"public", open, []string{vocab.Public}, 0},
		{"unlisted", quiet, []string{tw.ana.IRI}, fault.Forbidden},
		{"unlisted, and let", loud, []string{vocab.Public}, 0},
		{"for who follows", fans, []string{tw.ana.Followers}, fault.Forbidden},
		{"nobody", mine, []string{tw.ana.IRI}, fault.Forbidden},
		{"for members", inside, nil, fault.NotFound},
	} {
		if tc.says != nil {
			if got := tw.wire(t, tc.post.ID).QuotableBy; len(got) != 1 || got[0] != tc.says[0] {
				t.Errorf("%s: others read %v, want %v", tc.name, got, tc.says)
			}
		}
		got, err := quote(eve, tc.post, "")
		if tc.kind != 0 {
			wantKind(t, tc.name, err, tc.kind)
			continue
		}
		if err != nil || !got.Quote.Shown() || got.Quote.Post != tc.post.ID {
			t.Errorf("%s: %+v, %v", tc.name, got.Quote, err)
		}
	}
	tw.follows(t, tw.ana, eve)
	if _, err := quote(eve, fans, ""); err != nil {
		t.Errorf("who follows: %v", err)
	}
	if p, err := quote(tw.ana, mine, ""); err != nil || !p.Quote.Shown() || p.Quote.Leave != "" {
		t.Errorf("her own: %+v, %v", p.Quote, err)
	}
	_, err := quote(tw.ana, inside, "")
	wantKind(t, "her own, of what is for members", err, fault.Forbidden)
	_, err = tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Community: tw.makers.ID, Text: "look", Quote: open.ID, Scope: posts.Members})
	wantKind(t, "in what is for members", err, fault.Forbidden)
	wantKind(t, "wider", tw.posts.SetQuotable(ctx, tw.ana.ID, inside.ID, posts.QuotedByAll), fault.Forbidden)
	wantKind(t, "no such", tw.posts.SetQuotable(ctx, tw.ana.ID, open.ID, "friends"), fault.Invalid)
	wantKind(t, "another's", tw.posts.SetQuotable(ctx, eve.ID, open.ID, posts.QuotedByNobody), fault.Forbidden)
	check(t, tw.posts.SetQuotable(ctx, tw.ana.ID, open.ID, posts.QuotedByNobody))
	_, err = quote(eve, open, "")
	wantKind(t, "once it was closed", err, fault.Forbidden)
	check(t, tw.posts.SetQuotable(ctx, tw.ana.ID, quiet.ID, posts.QuotedByAll))
	if _, err := quote(eve, quiet, posts.Unlisted); err != nil {
		t.Errorf("once it was opened: %v", err)
	}
	_, err = tw.posts.Edit(ctx, tw.ana.ID, loud.ID, posts.Draft{Text: "softly"})
	check(t, err)
	if p := tw.byIRI(t, loud.IRI); p.QuotableBy() != posts.QuotedByAll || p.Quotes != 1 {
		t.Errorf("an edit makes it quotable by %s, quoted %d times", p.QuotableBy(), p.Quotes)
	}
	tw.write(t, func(tx storage.Tx) error { return access.Block(ctx, tx, tw.ana.ID, eve.ID, tw.clock.Now()) })
	_, err = quote(eve, loud, "")
	wantKind(t, "blocked", err, fault.Forbidden)
}

func TestQuoteHere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx, eve, gus := t.Context(), tw.member(t, "eve"), tw.member(t, "gus")
	tw.follows(t, eve, tw.bob)
	first := tw.says(t, tw.ana, posts.Draft{Community: tw.makers.ID, Text: "a saw"})
	second := tw.says(t, eve, posts.Draft{Text: "she has one", Quote: first.ID})
	third := tw.says(t, gus, posts.Draft{Text: "and so on", Quote: second.ID})

	n := tw.wire(t, second.ID)
	if n.QuoteOf != first.IRI || !strings.HasPrefix(n.QuoteApproval, first.IRI+"/quotes/") ||
		!strings.HasSuffix(n.Content, `<p class="quote-inline">RE: <a href="`+first.URL+`">`+first.URL+`</a></p>`) {
		t.Errorf("others read %+v", n)
	}
	if p := tw.byIRI(t, third.IRI); p.Quote.Post != second.ID {
		t.Errorf("the third quotes %+v", p.Quote)
	}
	given, err := tw.posts.QuotesGiven(ctx, tw.ana.ID, first.ID)
	if err != nil || len(given) != 1 || given[0].Post == nil || given[0].Post.ID != second.ID {
		t.Fatalf("she gave %+v, %v", given, err)
	}
	leave, err := tw.posts.QuoteAuthorization(ctx, first.ID, given[0].ID)
	if err != nil || leave.ID != n.QuoteApproval || leave.InteractingObject != second.IRI {
		t.Errorf("leave = %+v, %v", leave, err)
	}

	t.Run("who may not see it reads no more than that", func(t *testing.T) {
		tw.write(t, func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveMark(ctx, tx, posts.Mark{Community: tw.makers, Post: first.IRI, Kind: posts.Removed, Holds: true, At: tw.clock.Now(), By: tw.ana.ID})
			return err
		})
		p, err := tw.posts.ByID(ctx, reader(gus), second.ID)
		check(t, err)
		if p.Quote == nil || p.Quote.Shown() || p.Quote.Post != 0 || p.Quote.URL != "" {
			t.Errorf("Gus reads %+v", p.Quote)
		}
		if p := tw.byIRIFor(t, tw.ana.ID, second.IRI); !p.Quote.Shown() {
			t.Errorf("Ana reads %+v", p.Quote)
		}
		tw.write(t, func(tx storage.Tx) error {
			_, err := tw.posts.ReceiveMark(ctx, tx, posts.Mark{Community: tw.makers, Post: first.IRI, Kind: posts.Removed, At: tw.clock.Now(), By: tw.ana.ID})
			return err
		})
	})
	t.Run("nobody else takes leave back", func(t *testing.T) {
		wantKind(t, "Gus", tw.posts.TakeBackQuote(ctx, gus.ID, first.ID, given[0].ID), fault.Forbidden)
		wantKind(t, "who quotes", tw.posts.TakeBackQuoteBy(ctx, eve.ID, first.ID, second.ID), fault.Forbidden)
		wantKind(t, "of another post", tw.posts.TakeBackQuote(ctx, eve.ID, second.ID, given[0].ID), fault.NotFound)
		wantKind(t, "of what quotes it not", tw.posts.TakeBackQuoteBy(ctx, tw.ana.ID, first.ID, third.ID), fault.NotFound)
	})
	tw.cleared(t)
	check(t, tw.posts.TakeBackQuoteBy(ctx, tw.ana.ID, first.ID, second.ID))
	check(t, tw.posts.Retell(ctx, second.ID))
	wantSent(t, tw, "ana: Delete(QuoteAuthorization) -> mastodon.example", "eve: Update(Note) -> mastodon.example")
	if p := tw.byIRI(t, second.IRI); p.Quote.Shown() || p.Quote.State != posts.Revoked || strings.Contains(p.WithQuote(), "RE:") {
		t.Errorf("it quotes %+v: %s", p.Quote, p.WithQuote())
	}
	if n := tw.wire(t, second.ID); n.QuoteOf != "" || n.QuoteApproval != "" {
		t.Errorf("others read %+v", n)
	}
	_, err = tw.posts.QuoteAuthorization(ctx, first.ID, given[0].ID)
	wantKind(t, "the leave", err, fault.NotFound)
	wantKind(t, "twice", tw.posts.TakeBackQuote(ctx, tw.ana.ID, first.ID, given[0].ID), fault.NotFound)

	check(t, tw.posts.Delete(ctx, eve.ID, second.ID))
	if p := tw.byIRI(t, third.IRI); p.Quote.Shown() || !p.Quote.Deleted {
		t.Errorf("the third quotes %+v", p.Quote)
	}
}

// TestHeldQuote: what waits to be let in quotes nobody yet.
func TestHeldQuote(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	eve := tw.member(t, "eve")
	check(t, tw.communities.SetPosting(t.Context(), tw.ana.ID, tw.makers.ID, communities.Posting{Who: communities.PostAll, FirstPosts: 1}))
	theirs := note(tw.bob, "1", "bob's")
	theirs.QuotableBy = []string{vocab.Public}
	tw.receive(t, said(t, "Create", tw.bob, theirs))
	tw.cleared(t)
	p := tw.says(t, eve, posts.Draft{Community: tw.makers.ID, Text: "look", Quote: tw.byIRI(t, theirs.ID).ID})
	if !p.Held {
		t.Fatal("it does not wait")
	}
	wantSent(t, tw)
	check(t, tw.posts.Rule(t.Context(), tw.ana.ID, p.ID, posts.Ruling{Act: communities.Admit}))
	if got := strings.Join(tw.sent(t), "\n"); !strings.Contains(got, "eve: QuoteRequest(id) -> mastodon.example") {
		t.Errorf("let in, it is told\n%s", got)
	}
}

func TestQuoteElsewhere(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	ctx := t.Context()
	tw.follows(t, tw.ana, tw.zoe)
	policies := map[string][]string{"all": {vocab.Public}, "fans": {tw.bob.Followers}, "none": {tw.bob.IRI}, "empty": {}, "unsaid": nil}
	for name, by := range policies {
		n := note(tw.bob, name, "as "+name)
		n.QuotableBy = by
		tw.receive(t, said(t, "Create", tw.bob, n))
	}
	quote := func(name string) (posts.Post, error) {
		return tw.posts.Publish(ctx, tw.ana.ID, posts.Draft{Text: "look", Quote: tw.byIRI(t, tw.bob.IRI+"/"+name).ID})
	}
	for _, name := range []string{"fans", "none", "empty", "unsaid"} {
		_, err := quote(name)
		wantKind(t, name, err, fault.Forbidden)
	}
	tw.cleared(t)
	p, err := quote("all")
	check(t, err)
	wantSent(t, tw, "ana: Create(Note) -> lemmy.example", "ana: QuoteRequest(id) -> mastodon.example")
	if p.Quote.Shown() || p.Quote.State != posts.Pending || tw.wire(t, p.ID).QuoteOf != tw.bob.IRI+"/all" || tw.wire(t, p.ID).QuoteApproval != "" {
		t.Errorf("it quotes %+v", p.Quote)
	}
	var request string
	check(t, tw.db.QueryRow(ctx, `SELECT iri FROM activities WHERE type = 'QuoteRequest'`).Scan(&request))
	answer := func(by actors.Actor, leave string) error {
		return tw.db.Write(ctx, func(tx storage.Tx) error {
			return tw.posts.ReceiveQuoteAnswer(ctx, tx, posts.QuoteAnswer{By: by, Request: request, Leave: leave})
		})
	}
	state := func(want string) {
		t.Helper()
		if got := tw.byIRI(t, p.IRI).Quote; got.State != want {
			t.Errorf("it quotes %+v, want %s", got, want)
		}
	}
	check(t, answer(tw.kim, tw.kim.IRI+"/leave"))
	state(posts.Pending)
	wantKind(t, "leave of another server", answer(tw.bob, tw.kim.IRI+"/leave"), fault.Forbidden)
	state(posts.Pending)
	tw.cleared(t)
	check(t, answer(tw.bob, tw.bob.IRI+"/leave"))
	check(t, tw.posts.Retell(ctx, p.ID))
	state(posts.Accepted)
	wantSent(t, tw, "ana: Update(Note) -> lemmy.example")
	if n := tw.wire(t, p.ID); n.QuoteApproval != tw.bob.IRI+"/leave" || !n.Updated.IsZero() {
		t.Errorf("others read %+v", n)
	}
	ends := func(by actors.Actor) (found bool) {
		tw.write(t, func(tx storage.Tx) (err error) {
			found, err = tw.posts.ReceiveLeaveEnd(ctx, tx, by.ID, tw.bob.IRI+"/leave")
			return err
		})
		return found
	}
	if ends(tw.kim) {
		t.Error("somebody else took his leave back")
	}
	state(posts.Accepted)
	if !ends(tw.bob) {
		t.Error("he could not")
	}
	state(posts.Revoked)
	check(t, answer(tw.bob, tw.bob.IRI+"/leave"))
	state(posts.Revoked)
	p, err = quote("all")
	check(t, err)
	check(t, tw.db.QueryRow(ctx, `SELECT request FROM quotations WHERE post = $1`, p.ID).Scan(&request))
	check(t, answer(tw.bob, ""))
	state(posts.Rejected)
	if n := tw.wire(t, p.ID); n.QuoteOf != "" {
		t.Errorf("refused, others read %+v", n)
	}
}

// TestQuoteOfWhatWasTakenAway: who may not see what is quoted any more learns no address of it.
func TestQuoteOfWhatWasTakenAway(t *testing.T) {
	t.Parallel()
	tw := newTown(t)
	eve := tw.member(t, "eve")
	quoted := tw.says(t, tw.ana, posts.Draft{Community: tw.makers.ID, Title: "Said", Text: "for all"})
	quoting := tw.says(t, eve, posts.Draft{Text: "look", Quote: quoted.ID})
	reads := func() (string, string) {
		t.Helper()
		p, err := tw.posts.ByID(t.Context(), access.Reader{}, quoting.ID)
		check(t, err)
		return p.WithQuote(), tw.wire(t, quoting.ID).QuoteOf
	}
	if text, of := reads(); !strings.Contains(text, quoted.IRI) && !strings.Contains(text, quoted.URL) || of != quoted.IRI {
		t.Errorf("while it stands there: %s, %q", text, of)
	}
	check(t, tw.db.Write(t.Context(), func(tx storage.Tx) error {
		_, err := tw.posts.ReceiveMark(t.Context(), tx, posts.Mark{Community: tw.makers, Post: quoted.IRI, Kind: posts.Removed, Holds: true, At: tw.clock.Now(), By: tw.ana.ID})
		return err
	}))
	if text, of := reads(); strings.Contains(text, "posts/") || of != "" {
		t.Errorf("once it was taken away: %s, %q", text, of)
	}
}
