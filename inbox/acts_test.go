package inbox

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/posts"
)

// outcomeOf is the outcome alone.
func (w *town) outcomeOf(a object) string {
	w.t.Helper()
	outcome, _ := w.outcome(a["id"].(string))
	return outcome
}

// said counts the activities of a type that one of ours, or a community of ours in what it
// passes on, has sent.
func (w *town) said(kind string) int {
	return w.number(`SELECT count(*) FROM activities WHERE type = $1 OR type = 'Announce' AND
		convert_from(body, 'UTF8') LIKE '%"type":"' || $1 || '"%'`, kind)
}

// glue is a post of Ana's in the makers, whom somebody elsewhere follows.
func (w *town) glue() posts.Post {
	w.t.Helper()
	eve := newPeer(w.t).person("eve")
	eve.tells(w, eve.does("Follow", w.makers.Actor.IRI))
	p, err := w.Posts.Publish(w.t.Context(), w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Title: "Glue", Text: "What glue?"})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestDislike(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	likes := func() int { return w.number(`SELECT count(*) FROM likes`) }
	dislikes := func() int { return w.number(`SELECT count(*) FROM dislikes`) }
	want := func(t *testing.T, l, d int) {
		t.Helper()
		if likes() != l || dislikes() != d {
			t.Errorf("likes %d, dislikes %d; want %d, %d", likes(), dislikes(), l, d)
		}
	}
	like, dislike := bob.does("Like", p.IRI), bob.does("Dislike", p.IRI)
	bob.tells(w, like)
	bob.tells(w, dislike)
	want(t, 0, 1)
	if seen, err := w.post(p.IRI); err != nil || seen.Likes != 0 {
		t.Errorf("shown %d likes, %v; want none", seen.Likes, err)
	}
	bob.tells(w, bob.does("Dislike", p.IRI))
	want(t, 0, 1)
	if n := w.said("Dislike"); n != 1 {
		t.Errorf("passed on %d times, want once", n)
	}
	bob.tells(w, bob.does("Like", p.IRI))
	want(t, 1, 0)
	bob.tells(w, bob.does("Dislike", p.IRI))
	bob.tells(w, bob.does("Undo", bob.does("Dislike", p.IRI)))
	want(t, 0, 0)
	named := bob.does("Dislike", p.IRI)
	bob.tells(w, named)
	bob.tells(w, bob.does("Undo", named["id"]))
	want(t, 0, 0)
	early := bob.does("Dislike", p.IRI)
	bob.tells(w, bob.does("Undo", early))
	bob.tells(w, early)
	want(t, 0, 0)
	mallory := newPeer(t).person("mallory")
	stolen := mallory.does("Undo", bob.does("Dislike", p.IRI))
	bob.tells(w, bob.does("Dislike", p.IRI))
	mallory.tells(w, stolen)
	want(t, 0, 1)
	if got := w.outcomeOf(stolen); got != "refused" {
		t.Errorf("to undo another's: %s, want refused", got)
	}
	if err := w.Posts.Delete(t.Context(), w.ana.ID, p.ID); err != nil {
		t.Fatal(err)
	}
	want(t, 0, 0)
}

func TestDislikeThatACommunityTells(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	dislikes := func() int { return g.number(`SELECT count(*) FROM dislikes`) }
	g.other.tells(g.town, g.other.does("Announce", g.bob.does("Dislike", g.note["id"])))
	if dislikes() != 0 {
		t.Error("it counts on the word of another community")
	}
	g.says(g.bob.does("Dislike", g.note["id"]))
	if dislikes() != 1 {
		t.Error("it does not count on the word of its community")
	}
	g.says(g.bob.does("Undo", g.bob.does("Dislike", g.note["id"])))
	if dislikes() != 0 {
		t.Error("it is not taken back")
	}
	g.bob.tells(g.town, g.bob.does("Dislike", g.note["id"]))
	g.says(g.bob.does("Like", g.note["id"]))
	if n := g.number(`SELECT count(*) FROM likes`); n != 0 || dislikes() != 1 {
		t.Errorf("likes %d, dislikes %d: a community likes for who told that they do not", n, dislikes())
	}
	g.bob.tells(g.town, g.bob.does("Like", g.note["id"]))
	g.says(g.bob.does("Dislike", g.note["id"]))
	if n := g.number(`SELECT count(*) FROM likes`); n != 1 || dislikes() != 0 {
		t.Errorf("likes %d, dislikes %d: a community speaks against what its author told", n, dislikes())
	}
}

func TestReactions(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	emoji := func() (e string) {
		_ = w.db.QueryRow(t.Context(), `SELECT emoji FROM likes`).Scan(&e) // none: ""
		return e
	}
	first := with(bob.does("EmojiReact", p.IRI), object{"content": "🔥"})
	bob.tells(w, first)
	if emoji() != "🔥" {
		t.Errorf("emoji = %q of an EmojiReact", emoji())
	}
	second := with(bob.does("EmojiReact", p.IRI), object{"content": "👍"})
	bob.tells(w, second)
	bob.tells(w, bob.does("Undo", first))
	if emoji() != "👍" {
		t.Errorf("emoji = %q after the end of another", emoji())
	}
	bob.tells(w, bob.does("Undo", second))
	if n := w.number(`SELECT count(*) FROM likes`); n != 0 {
		t.Errorf("likes = %d, want 0", n)
	}
	bob.tells(w, with(bob.does("Like", p.IRI), object{"_misskey_reaction": ":blobcat:", "content": ":blobcat:"}))
	if emoji() != ":blobcat:" {
		t.Errorf("emoji = %q of a Like by Misskey", emoji())
	}
	bob.tells(w, bob.does("Undo", bob.does("Like", p.IRI)))
	bob.tells(w, with(bob.does("Like", p.IRI), object{"content": strings.Repeat("x", 1000)}))
	if emoji() != "" || w.number(`SELECT count(*) FROM likes`) != 1 {
		t.Errorf("emoji = %q of what is none", emoji())
	}
}

func TestFlag(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, peer := w.glue(), newPeer(t)
	server := peer.lives("Application", "actor")
	report := with(server.does("Flag", []string{w.anaIRI, p.IRI}), object{"content": "<p>spam</p>", "to": w.anaIRI})
	server.tells(w, report)
	server.tells(w, report)
	list, err := w.Moderation.ReportsBy(t.Context(), w.actor(server).ID)
	if err != nil || len(list) != 1 || list[0].Reason != "spam" || len(list[0].About) != 2 || list[0].IRI != report["id"] {
		t.Errorf("reports = %+v, %v", list, err)
	}
	lemmy := peer.person("lemmy")
	lemmy.tells(w, with(lemmy.does("Flag", p.IRI), object{"summary": "rude", "to": []string{w.makers.Actor.IRI}}))
	if list, err := w.Moderation.ReportsBy(t.Context(), w.actor(lemmy).ID); err != nil || len(list) != 1 || list[0].Reason != "rude" {
		t.Errorf("reports = %+v, %v", list, err)
	}
	elsewhere := lemmy.does("Flag", peer.URL+"/notes/none")
	lemmy.tells(w, elsewhere)
	if got := w.outcomeOf(elsewhere); got != "ignored" {
		t.Errorf("about what is not here: %s, want ignored", got)
	}
	if n := w.said("Flag"); n != 0 {
		t.Errorf("passed on %d times: it tells who complained", n)
	}
}

func TestBlockByAPerson(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	peer := newPeer(t)
	bob, mallory := peer.person("bob"), newPeer(t).person("mallory")
	there := w.follower(bob)
	bob.tells(w, bob.does("Follow", w.anaIRI))
	blocked := func() bool {
		is, err := access.Blocked(t.Context(), w.db, there.ID, w.ana.ID)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	forged := with(mallory.does("Undo", with(bob.does("Block", w.anaIRI), object{"id": bob.IRI + "#blocks/1"})), object{})
	block := with(bob.does("Block", w.anaIRI), object{"id": bob.IRI + "#blocks/1"})
	bob.tells(w, block)
	bob.tells(w, block)
	mallory.tells(w, forged)
	if !blocked() {
		t.Error("the block is not kept")
	}
	for _, f := range [][2]actors.ID{{there.ID, w.ana.ID}, {w.ana.ID, there.ID}} {
		if got, err := w.Directory.FollowOf(t.Context(), w.db, f[0], f[1]); err != nil || got.State != actors.Ended {
			t.Errorf("follow %v = %s, %v; want ended", f, got.State, err)
		}
	}
	mallory.tells(w, mallory.does("Undo", block["id"]))
	if !blocked() {
		t.Error("somebody else took the block back by its id")
	}
	bob.tells(w, bob.does("Undo", block["id"]))
	if blocked() {
		t.Error("the block is not taken back by its id")
	}
	bob.tells(w, block)
	bob.tells(w, bob.does("Undo", block))
	if blocked() {
		t.Error("the block is not taken back")
	}
	bob.tells(w, bob.does("Undo", block)) // kept for an hour, and cancels the next
	bob.tells(w, block)
	if blocked() {
		t.Error("a block that was taken back before it came counts")
	}
}

func TestMove(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(old, new *remote, move object)
		moved  bool
	}{
		{"both addresses say so", func(*remote, *remote, object) {}, true},
		{"the new one does not", func(_, new *remote, _ object) { delete(new.doc, "alsoKnownAs") }, false},
		{"the old one does not", func(old, _ *remote, _ object) { delete(old.doc, "movedTo") }, false},
		{"the old one says another", func(old, new *remote, _ object) { old.doc["movedTo"] = new.IRI + "x" }, false},
		{"it becomes a community", func(_, new *remote, _ object) { new.doc["type"] = "Group" }, false},
		{"it moves somebody else", func(_, new *remote, m object) { m["object"] = new.IRI }, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			old, new := newPeer(t).person("bob"), newPeer(t).person("bob")
			was := w.follower(old)
			old.tells(w, old.does("Follow", w.makers.Actor.IRI))
			old.doc["movedTo"], new.doc["alsoKnownAs"] = new.IRI, []string{old.IRI}
			move := with(old.does("Move", old.IRI), object{"target": new.IRI})
			tc.change(old, new, move)
			old.tells(w, move)
			following, err := w.Directory.FollowOf(t.Context(), w.db, was.ID, w.ana.ID)
			if err != nil || (following.State == actors.Ended) != tc.moved {
				t.Errorf("the old follow is %s, %v; moved: want %t (%s)", following.State, err, tc.moved, w.outcomeOf(move))
			}
			asked := w.number(`SELECT count(*) FROM follows f JOIN actors a ON a.id = f.followee WHERE a.iri = $1 AND f.state = 'pending'`, new.IRI)
			if asked == 1 != tc.moved {
				t.Errorf("follows of the new address: %d, moved: want %t", asked, tc.moved)
			}
			if n := w.number(`SELECT count(*) FROM follows f JOIN actors a ON a.id = f.follower WHERE a.iri = $1`, new.IRI); n != 0 {
				t.Error("the new address receives what it did not ask for")
			}
		})
	}
}

// TestMoveAgain has somebody move on, and elsewhere, before and after a week.
func TestMoveAgain(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	var all []*remote
	for range 3 {
		all = append(all, newPeer(t).person("bob"))
	}
	w.follower(all[0])
	moves := func(from, to int) string {
		old, new := all[from], all[to]
		old.doc["movedTo"], new.doc["alsoKnownAs"] = new.IRI, []string{old.IRI}
		move := with(old.does("Move", old.IRI), object{"target": new.IRI})
		old.tells(w, move)
		return w.outcomeOf(move)
	}
	follows := func() string {
		var iri string
		err := w.db.QueryRow(t.Context(), `
			SELECT string_agg(a.iri, ' ') FROM follows f JOIN actors a ON a.id = f.followee WHERE f.follower = $1 AND a.host IS NOT NULL AND f.state IN ('pending', 'accepted')`,
			w.ana.ID).Scan(&iri)
		if err != nil {
			t.Fatal(err)
		}
		return iri
	}
	if got := moves(0, 1); got != "applied" || follows() != all[1].IRI {
		t.Fatalf("the first Move: %s, she follows %s", got, follows())
	}
	w.clock.move(6 * 24 * time.Hour)
	if got := moves(1, 2); got != "refused" || follows() != all[1].IRI {
		t.Errorf("on within a week: %s, she follows %s", got, follows())
	}
	w.clock.move(25 * time.Hour)
	if got := moves(1, 2); got != "applied" || follows() != all[2].IRI {
		t.Errorf("on after a week: %s, she follows %s", got, follows())
	}
	w.follower(all[1])
	if got := moves(1, 0); got != "refused" {
		t.Errorf("elsewhere within a week: %s", got)
	}
	if got := moves(1, 2); got != "applied" || follows() != all[2].IRI {
		t.Errorf("to the same again: %s, she follows %s", got, follows())
	}
}

func TestJoinAndLeave(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	join := bob.does("Join", w.makers.Actor.IRI)
	bob.tells(w, join)
	state := func() actors.State {
		f, err := w.Directory.FollowOf(t.Context(), w.db, w.makers.Actor.ID, w.actor(bob).ID)
		if err != nil {
			t.Fatal(err)
		}
		return f.State
	}
	if state() != actors.Accepted {
		t.Errorf("follow = %s, want accepted", state())
	}
	memberships := func() int {
		return w.number(`SELECT count(*) FROM memberships m WHERE m.who = $1`, w.actor(bob).ID)
	}
	if n := memberships(); n != 1 {
		t.Errorf("who joined has %d memberships", n)
	}
	answered := func(kind string, a object) int {
		named := object{"id": a["id"], "type": a["type"], "actor": a["actor"], "object": a["object"]}
		return w.number(`SELECT count(*) FROM activities WHERE type = $1 AND convert_from(body, 'UTF8')::jsonb->'object' = $2::jsonb`,
			kind, string(must(named)))
	}
	if n := answered("Accept", join); n != 1 {
		t.Errorf("answered %d times with the Join, want once", n)
	}
	bob.tells(w, bob.does("Leave", w.makers.Actor.IRI))
	if state() != actors.Ended || memberships() != 0 {
		t.Errorf("follow = %s, want ended, and %d memberships", state(), memberships())
	}
	event := bob.does("Join", p.IRI)
	bob.tells(w, event)
	if n := answered("Reject", event); n != 1 {
		t.Errorf("refused %d times, want once", n)
	}
}

func TestPoll(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	w.follower(bob)
	option := func(name string, votes int) object {
		return object{"type": "Note", "name": name, "replies": object{"type": "Collection", "totalItems": votes}}
	}
	question := bob.note("Tea or coffee?", object{"type": "Question", "votersCount": 0, "endTime": "2026-03-20T12:00:00Z",
		"oneOf": []object{option("tea", 0), option("<b>coffee</b>", 0)}})
	bob.tells(w, bob.does("Create", question))
	counted := func(tea, coffee int) object {
		q := clone(question)
		q["oneOf"], q["votersCount"] = []object{option("tea", tea), option("<b>coffee</b>", coffee)}, tea+coffee
		return bob.does("Update", q)
	}
	want := func(tea, coffee int) {
		t.Helper()
		p, err := w.post(question["id"])
		if err != nil || p.Poll == nil || len(p.Poll.Options) != 2 {
			t.Fatalf("post = %+v, %v", p.Poll, err)
		}
		if got := p.Poll.Options; got[0] != (posts.PollOption{Name: "tea", Votes: tea}) || got[1].Votes != coffee || got[1].Name != "<b>coffee</b>" {
			t.Errorf("options = %+v, want tea %d, coffee %d", got, tea, coffee)
		}
		if p.Updated != nil {
			t.Error("that votes were counted is shown as an edit")
		}
	}
	want(0, 0)
	three, five := counted(1, 2), counted(1, 4)
	bob.tells(w, five)
	bob.tells(w, three) // late
	want(1, 4)
	mallory := newPeer(t).person("mallory")
	forged := counted(9, 9)
	forged["id"], forged["actor"] = mallory.URL+"/forged", mallory.IRI
	mallory.tells(w, forged)
	want(1, 4)
	if n := w.number(`SELECT count(*) FROM post_versions`); n != 0 {
		t.Errorf("%d versions for votes, want none", n)
	}
}

// TestVotesAreNotReplies shows no vote, in Mastodon's form and in GoToSocial's.
func TestVotesAreNotReplies(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	vote := func(name string) object {
		return object{"id": bob.IRI + "#votes/" + name, "type": "Note", "name": name, "attributedTo": bob.IRI,
			"inReplyTo": p.IRI, "to": w.anaIRI}
	}
	before := w.number(`SELECT count(*) FROM posts`)
	for _, what := range []any{vote("tea"), []object{vote("milk"), vote("sugar")}} {
		a := bob.does("Create", what)
		bob.tells(w, a)
		if got := w.outcomeOf(a); got != "ignored" {
			t.Errorf("outcome = %s, want ignored", got)
		}
	}
	if n := w.number(`SELECT count(*) FROM posts`); n != before {
		t.Errorf("%d posts were made of votes", n-before)
	}
}

func TestTombstones(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	peer := newPeer(t)
	bob := peer.person("bob")
	w.follower(bob)
	for _, tc := range []struct {
		name string
		what func(n object) any
		kind string
	}{
		{"by its id", func(n object) any { return n["id"] }, "Delete"},
		{"a Tombstone", func(n object) any { return object{"id": n["id"], "type": "Tombstone", "atomUri": n["id"]} }, "Delete"},
		{"a Tombstone with formerType", func(n object) any {
			return object{"id": n["id"], "type": "Tombstone", "formerType": "Note", "deleted": "2026-03-14T13:00:00Z"}
		}, "Delete"},
		{"the post itself", func(n object) any { return n }, "Delete"},
		{"an Update to a Tombstone", func(n object) any { return object{"id": n["id"], "type": "Tombstone"} }, "Update"},
	} {
		note := bob.note(tc.name)
		bob.tells(w, bob.does("Create", note))
		mallory := newPeer(t).person("mallory")
		mallory.tells(w, mallory.does(tc.kind, tc.what(note)))
		if !w.shown(note["id"]) {
			t.Errorf("%s: a stranger deleted it", tc.name)
		}
		bob.tells(w, bob.does(tc.kind, tc.what(note)))
		bob.tells(w, bob.does("Create", note))
		if w.shown(note["id"]) {
			t.Errorf("%s: it is still shown", tc.name)
		}
	}
}

func TestTombstoneThatIsFetched(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	g.bob.shows(strings.TrimPrefix(g.note["id"].(string), g.bob.URL), object{
		"@context": "https://www.w3.org/ns/activitystreams", "id": g.note["id"], "type": "Tombstone"})
	g.says(g.bob.does("Update", g.note["id"]))
	if g.shown(g.note["id"]) {
		t.Error("its server shows a Tombstone, and we the post")
	}
}

func TestCommunityThatChanges(t *testing.T) {
	t.Parallel()
	g := newGarden(t)
	g.clock.move(10 * 60e9)
	g.group.doc["summary"] = "<p>Roses and more</p>"
	g.says(g.ned.does("Update", g.group.doc))
	if a := g.actor(g.group); !strings.Contains(a.Summary, "Roses and more") {
		t.Errorf("summary = %q", a.Summary)
	}
	g.clock.move(10 * 60e9)
	forged := clone(g.group.doc)
	forged["summary"] = "forged"
	g.bob.tells(g.town, g.bob.does("Update", forged))
	if a := g.actor(g.group); strings.Contains(a.Summary, "forged") {
		t.Error("a stranger changed it")
	}
}

// TestOfNoInterest takes what it does not know, and does nothing.
func TestOfNoInterest(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, bob := w.glue(), newPeer(t).person("bob")
	bob.tells(w, bob.does("Like", p.IRI))
	before := w.number(`SELECT count(*) FROM likes`) + w.number(`SELECT count(*) FROM posts`) + w.number(`SELECT count(*) FROM activities`)
	for _, kind := range []string{"Offer", "View", "Read", "Listen", "Ignore", "TentativeAccept", "Arrive", "Travel", "Warn", "ResolveReport", "Resolve",
		"LikeRequest", "ReplyRequest", "AnnounceRequest", "FeatureRequest", "ApproveReply", "RejectReply", "x:Unheard"} {
		a := bob.does(kind, p.IRI)
		if got := bob.posts(w, a); got != http.StatusAccepted {
			t.Errorf("%s: %d, want 202", kind, got)
		}
		w.drain()
		if got := w.outcomeOf(a); got != "ignored" {
			t.Errorf("%s: %s, want ignored", kind, got)
		}
	}
	after := w.number(`SELECT count(*) FROM likes`) + w.number(`SELECT count(*) FROM posts`) + w.number(`SELECT count(*) FROM activities`)
	if after != before {
		t.Errorf("%d rows came of it", after-before)
	}
}

// TestEveryEndOfAPost sends what is written, changed and deleted in each order.
func TestEveryEndOfAPost(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	w.follower(bob)
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
		note := bob.note("first words")
		changed := with(clone(note), object{"content": "last words", "updated": "2026-03-14T13:00:00Z"})
		acts := []object{bob.does("Create", note), bob.does("Update", changed),
			bob.does("Delete", object{"id": note["id"], "type": "Tombstone"})}
		for _, i := range order {
			bob.tells(w, acts[i])
			if i == 1 && order[2] == 2 { // nothing is deleted yet
				if p, err := w.post(note["id"]); err != nil || !strings.Contains(p.Content, "last words") {
					t.Errorf("%v: %q, %v", order, p.Content, err)
				}
			}
		}
		if w.shown(note["id"]) || w.number(`SELECT count(*) FROM posts WHERE iri = $1 AND content <> ''`, note["id"]) != 0 {
			t.Errorf("%v: it is still here", order)
		}
	}
}
