package inbox

import (
	"strconv"
	"strings"
	"testing"

	"passerelles/access"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

func TestQuoteRequest(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob, eve := w.glue(), newPeer(t).person("bob"), newPeer(t).person("eve")
	unlisted, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Text: "softly", Scope: posts.Unlisted})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(by *remote, post string) object {
		return with(by.does("QuoteRequest", post), object{"instrument": by.note("see this", object{"quote": post})})
	}
	answers := func(kind string, a object) int {
		return w.number(`SELECT count(*) FROM activities WHERE type = $1 AND position($2::bytea in body) > 0`, kind, []byte(a["id"].(string)))
	}
	first := ask(bob, p.IRI)
	bob.tells(w, first)
	if answers("Accept", first) != 1 {
		t.Fatal("a public post may not be quoted")
	}
	var id int64
	if err := w.db.QueryRow(t.Context(), `SELECT id FROM quotes`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	leave, err := w.Posts.QuoteAuthorization(t.Context(), p.ID, id)
	if err != nil || leave.InteractingObject != first["instrument"].(object)["id"] || leave.InteractionTarget != p.IRI || leave.AttributedTo != w.anaIRI {
		t.Errorf("leave = %+v, %v", leave, err)
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Accept' AND position($1::bytea in body) > 0`, []byte(leave.ID)); n != 1 {
		t.Error("the answer does not name the leave")
	}
	if n := w.number(`SELECT count(*) FROM activities WHERE position('see this'::bytea in body) > 0`); n != 0 {
		t.Error("the answer holds the post that quotes")
	}
	bob.tells(w, first)
	if n := w.number(`SELECT count(*) FROM quotes`); n != 1 || w.number(`SELECT count(*) FROM posts WHERE iri = $1`, first["instrument"].(object)["id"]) != 1 {
		t.Errorf("%d leaves, want the same again", n)
	}
	kept, err := w.post(first["instrument"].(object)["id"])
	if err != nil || !kept.Quote.Shown() || kept.Quote.Post != p.ID {
		t.Errorf("what quotes is kept as %+v, %v", kept.Quote, err)
	}
	for name, wrong := range map[string]object{
		"quotes nothing":       with(bob.does("QuoteRequest", p.IRI), object{"instrument": bob.note("see")}),
		"quotes another":       with(bob.does("QuoteRequest", p.IRI), object{"instrument": bob.note("see", object{"quote": unlisted.IRI})}),
		"was not written here": with(bob.does("QuoteRequest", p.IRI), object{"instrument": bob.person("near").note("see", object{"quote": p.IRI})}),
	} {
		bob.tells(w, wrong)
		if answers("Accept", wrong) != 0 || w.outcomeOf(wrong) != "refused" {
			t.Errorf("%s: %s", name, w.outcomeOf(wrong))
		}
	}
	few := with(bob.does("QuoteRequest", p.IRI), object{"instrument": bob.note("to few", object{"quote": p.IRI, "to": []string{bob.IRI + "/followers"}, "cc": []string{}})})
	bob.tells(w, few)
	if answers("Reject", few) != 1 {
		t.Error("one may quote where who is quoted cannot read it")
	}
	not := ask(bob, unlisted.IRI)
	bob.tells(w, not)
	if answers("Reject", not) != 1 {
		t.Error("an unlisted post may be quoted")
	}
	if _, err := w.db.Exec(t.Context(), `UPDATE posts SET scope = 'direct' WHERE id = $1`, unlisted.ID); err != nil {
		t.Fatal(err)
	}
	secret := ask(eve, unlisted.IRI)
	eve.tells(w, secret)
	if answers("Accept", secret)+answers("Reject", secret) != 0 {
		t.Error("it tells that a post is there which is not for them")
	}
	foreign := with(ask(bob, p.IRI), object{"instrument": eve.note("not mine")["id"]})
	bob.tells(w, foreign)
	if answers("Accept", foreign) != 0 {
		t.Error("one asked for another's post")
	}
	if err := w.Posts.SetQuotable(t.Context(), w.ana.ID, p.ID, posts.QuotedByFollowers); err != nil {
		t.Fatal(err)
	}
	late := ask(bob, p.IRI)
	bob.tells(w, late)
	bob.tells(w, bob.does("Follow", w.anaIRI))
	fan := ask(bob, p.IRI)
	bob.tells(w, fan)
	if answers("Reject", late) != 1 || answers("Accept", fan) != 1 {
		t.Errorf("who does not follow: %d, who does: %d", answers("Reject", late), answers("Accept", fan))
	}
	if err := w.db.Write(t.Context(), func(tx storage.Tx) error {
		return access.Block(t.Context(), tx, w.ana.ID, w.actor(bob).ID, w.clock.now())
	}); err != nil {
		t.Fatal(err)
	}
	refused := ask(bob, p.IRI)
	bob.tells(w, refused)
	if answers("Reject", refused) != 1 {
		t.Error("who is blocked may quote")
	}
	if err := w.Posts.Delete(t.Context(), w.ana.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Posts.QuoteAuthorization(t.Context(), p.ID, id); err == nil {
		t.Error("there is leave to quote what is gone")
	}
	if n := w.number(`
		SELECT count(*)
		FROM activities a JOIN deliveries d ON d.activity = a.id JOIN actors to_bob ON to_bob.iri = $2
		WHERE a.type = 'Delete' AND a.actor = $3
			AND position($1::bytea in a.body) > 0 AND position('"QuoteAuthorization"'::bytea in a.body) > 0
			AND position(to_bob.iri::bytea in a.body) > 0`, []byte(leave.ID), bob.IRI, w.ana.ID); n != 1 {
		t.Errorf("bob is told %d times that the leave ends, want once", n)
	}
}

// TestLeaveThatEnds hears that leave to quote, or to answer, is taken back, by whom nobody here quotes.
func TestLeaveThatEnds(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	for _, kind := range []string{"QuoteAuthorization", "LikeAuthorization", "AnnounceAuthorization", "LikeApproval"} {
		over := bob.does("Delete", object{"id": bob.URL + "/stamps/" + kind, "type": kind, "attributedTo": bob.IRI,
			"interactingObject": p.IRI, "interactionTarget": bob.URL + "/notes/1"})
		before := w.number(`SELECT count(*) FROM tombstones`)
		bob.tells(w, over)
		if got := w.outcomeOf(over); got != "ignored" {
			t.Errorf("%s: %s, want ignored", kind, got)
		}
		if w.number(`SELECT count(*) FROM tombstones`) != before || !w.shown(p.IRI) {
			t.Errorf("%s: something was deleted", kind)
		}
	}
}

// TestQuoteTakenBack: who is quoted here takes leave back, and asked again by the same post does not give it again.
func TestQuoteTakenBack(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	note := bob.note("see", object{"quote": p.IRI})
	ask := func() object { return with(bob.does("QuoteRequest", p.IRI), object{"instrument": note}) }
	bob.tells(w, ask())
	quoting, err := w.post(note["id"])
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Posts.TakeBackQuoteBy(t.Context(), w.ana.ID, p.ID, quoting.ID); err != nil {
		t.Fatal(err)
	}
	again := ask()
	bob.tells(w, again)
	if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Reject' AND position($1::bytea in body) > 0`, []byte(again["id"].(string))); n != 1 {
		t.Error("leave that was taken back is given again")
	}
	bob.tells(w, bob.does("Update", with(note, object{"updated": "2026-03-14T13:00:00Z", "content": "<p>see!</p>", "quoteAuthorization": quoting.Quote.Leave})))
	if got, err := w.post(note["id"]); err != nil || got.Quote.Shown() || got.Quote.State != posts.Revoked {
		t.Errorf("it quotes %+v, %v", got.Quote, err)
	}
}

// TestQuotesOfOthers shows what a post elsewhere quotes only where its author is known to let it.
func TestQuotesOfOthers(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	far, near := newPeer(t), newPeer(t)
	bob, zoe, eve := near.person("bob"), far.person("zoe"), newPeer(t).person("eve")
	for _, who := range []*remote{bob, eve} {
		if _, err := w.Directory.Resolve(t.Context(), who.IRI); err != nil {
			t.Fatal(err)
		}
	}
	toAna := object{"cc": []string{w.anaIRI}}
	stamp := func(by *remote, path, quoting, quoted string) string {
		by.shows(path, object{"@context": "https://www.w3.org/ns/activitystreams", "id": by.URL + path, "type": "QuoteAuthorization",
			"attributedTo": by.IRI, "interactingObject": quoting, "interactionTarget": quoted})
		return by.URL + path
	}
	quotes := func(note object) *posts.Quotation {
		t.Helper()
		bob.tells(w, bob.does("Create", note))
		p, err := w.post(note["id"])
		if err != nil {
			t.Fatal(err)
		}
		return p.Quote
	}
	theirs := zoe.note("as zoe wrote it", object{"quote": zoe.URL + "/notes/deeper"})
	quoted := theirs["id"].(string)
	path := strings.TrimPrefix(quoted, zoe.URL)

	for name, more := range map[string]object{
		"nothing allows it": {"quote": quoted},
		"an older word":     {"quoteUrl": quoted, "_misskey_quote": quoted},
	} {
		if q := quotes(bob.note(name, toAna, more)); q == nil || q.State != posts.Pending || far.asked(path) != 0 {
			t.Errorf("%s: %+v, asked %d times", name, q, far.asked(path))
		}
	}
	for name, leave := range map[string]func(id string) string{
		"forged elsewhere":        func(id string) string { return stamp(eve, "/stamps/1", id, quoted) },
		"of their own":            func(id string) string { return stamp(bob, "/stamps/1", id, quoted) },
		"for another post":        func(string) string { return stamp(zoe, "/stamps/2", bob.URL+"/notes/other", quoted) },
		"to quote another":        func(id string) string { return stamp(zoe, "/stamps/3", id, zoe.URL+"/notes/other") },
		"of a neighbour":          func(id string) string { return stamp(far.person("yan"), "/stamps/4", id, quoted) },
		"that is not there":       func(string) string { return zoe.URL + "/stamps/none" },
		"that is the post itself": func(string) string { return quoted },
		"that is of another kind": func(id string) string {
			far.shows("/stamps/5", with(theirs, object{"id": zoe.URL + "/stamps/5"}))
			return zoe.URL + "/stamps/5"
		},
	} {
		note := bob.note(name, toAna, object{"quote": quoted})
		note["quoteAuthorization"] = leave(note["id"].(string))
		if q := quotes(note); q == nil || q.State != posts.Pending || q.Leave != "" {
			t.Errorf("leave %s: %+v", name, q)
		}
	}
	note := bob.note("rightly", toAna, object{"quote": quoted})
	note["quoteAuthorization"] = stamp(zoe, "/stamps/9", note["id"].(string), quoted)
	if q := quotes(note); !q.Shown() {
		t.Fatalf("allowed, it quotes %+v", q)
	}
	if n := far.asked("/notes/deeper"); n != 0 {
		t.Errorf("what it quotes in its turn was asked for %d times", n)
	}
	own := bob.note("the first")
	if q := quotes(bob.note("and again", toAna, object{"quote": own["id"]})); !q.Shown() {
		t.Errorf("quoting himself, he quotes %+v", q)
	}
	near.person("nan").note("hers")
	hers := near.person("nan").note("hers")
	if q := quotes(bob.note("a neighbour's", toAna, object{"quote": hers["id"]})); q.Shown() {
		t.Errorf("quoting a neighbour, he quotes %+v", q)
	}

	for _, tc := range []struct {
		by   *remote
		over any
	}{{eve, note["quoteAuthorization"]}, {bob, note["quoteAuthorization"]}, {eve, object{"id": note["quoteAuthorization"], "type": "QuoteAuthorization",
		"attributedTo": zoe.IRI, "interactingObject": note["id"], "interactionTarget": quoted}}} {
		tc.by.tells(w, tc.by.does("Delete", tc.over))
		if p, err := w.post(note["id"]); err != nil || !p.Quote.Shown() {
			t.Errorf("%s ended it: %+v, %v", tc.by.IRI, p.Quote, err)
		}
	}
	zoe.tells(w, zoe.does("Delete", note["quoteAuthorization"]))
	if p, err := w.post(note["id"]); err != nil || p.Quote.State != posts.Revoked {
		t.Errorf("taken back, it quotes %+v, %v", p.Quote, err)
	}
}

// TestQuoteChains: a chain of posts that quote each other is not walked, and what one activity
// may have fetched is bounded.
func TestQuoteChains(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	for i := range 30 { // each quotes the next, all of one author, who needs no leave
		path := "/chain/" + strconv.Itoa(i)
		bob.shows(path, object{"@context": "https://www.w3.org/ns/activitystreams", "id": bob.URL + path, "type": "Note", "attributedTo": bob.IRI,
			"content": "<p>on</p>", "to": []string{vocab.Public}, "published": "2026-03-14T12:00:00Z",
			"quote": bob.URL + "/chain/" + strconv.Itoa((i+1)%30), "inReplyTo": bob.URL + "/chain/" + strconv.Itoa((i+2)%30)})
	}
	note := bob.note("begins", object{"cc": []string{w.anaIRI}, "quote": bob.URL + "/chain/0"})
	bob.tells(w, bob.does("Create", note))
	if p, err := w.post(note["id"]); err != nil || !p.Quote.Shown() {
		t.Fatalf("it quotes %+v, %v", p.Quote, err)
	}
	if n := bob.asked("/chain/1") + bob.asked("/chain/2"); n != 0 {
		t.Errorf("%d fetches of what is quoted and answered in its turn", n)
	}
	circle := bob.note("itself", object{"cc": []string{w.anaIRI}})
	circle["quote"] = circle["id"]
	bob.tells(w, bob.does("Create", circle))
	if p, err := w.post(circle["id"]); err != nil || p.Quote != nil {
		t.Errorf("it quotes %+v, %v", p.Quote, err)
	}
}

// TestOurQuoteIsAnswered: who is quoted elsewhere says yes, or no, to us and to nobody else.
func TestOurQuoteIsAnswered(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
	theirs := bob.note("quote me", object{"cc": []string{w.anaIRI}, "interactionPolicy": object{"canQuote": object{"automaticApproval": []string{vocab.Public}}}})
	bob.tells(w, bob.does("Create", theirs))
	quoted, err := w.post(theirs["id"])
	if err != nil {
		t.Fatal(err)
	}
	quote := func() (p posts.Post, request string) {
		t.Helper()
		p, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Text: "look", Quote: quoted.ID})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.db.QueryRow(t.Context(), `SELECT request FROM quotations WHERE post = $1`, p.ID).Scan(&request); err != nil {
			t.Fatal(err)
		}
		return p, request
	}
	state := func(p posts.Post) string {
		t.Helper()
		now, err := w.post(p.IRI)
		if err != nil {
			t.Fatal(err)
		}
		return now.Quote.State
	}
	p, request := quote()
	asked := object{"id": request, "type": "QuoteRequest", "actor": w.anaIRI, "object": theirs["id"], "instrument": p.IRI}
	accept := func(by *remote, what any, leave any) object {
		return with(by.does("Accept", what), object{"result": leave})
	}
	for name, forged := range map[string]object{
		"somebody else":  accept(eve, asked, eve.URL+"/stamps/1"),
		"without leave":  bob.does("Accept", asked),
		"another's":      accept(bob, asked, eve.URL+"/stamps/1"),
		"refused by eve": eve.does("Reject", asked),
	} {
		map[bool]*remote{true: bob, false: eve}[forged["actor"] == bob.IRI].tells(w, forged)
		if got := state(p); got != posts.Pending {
			t.Errorf("%s: %s", name, got)
		}
	}
	bob.tells(w, accept(bob, asked, bob.URL+"/stamps/1"))
	if got := state(p); got != posts.Accepted {
		t.Errorf("let, it is %s", got)
	}
	bob.tells(w, bob.does("Delete", object{"id": bob.URL + "/stamps/1", "type": "QuoteAuthorization", "attributedTo": bob.IRI,
		"interactingObject": p.IRI, "interactionTarget": theirs["id"]}))
	if got := state(p); got != posts.Revoked {
		t.Errorf("taken back, it is %s", got)
	}
	p, request = quote()
	bob.tells(w, accept(bob, request, bob.URL+"/stamps/2")) // by its id alone
	if got := state(p); got != posts.Accepted {
		t.Errorf("let, it is %s", got)
	}
	p, request = quote()
	bob.tells(w, bob.does("Reject", request))
	if got := state(p); got != posts.Rejected {
		t.Errorf("refused, it is %s", got)
	}
}
