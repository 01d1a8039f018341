package inbox

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"passerelles/access"
	"passerelles/posts"
)

// toMakers addresses a note to the community of the town.
func (w *town) toMakers() object {
	return object{
		"audience": w.makers.Actor.IRI, "to": []string{w.makers.Actor.IRI, "https://www.w3.org/ns/activitystreams#Public"},
	}
}

// post reads a post by its IRI.
func (w *town) post(iri any) (posts.Post, error) {
	return w.Posts.ByIRI(w.t.Context(), access.Reader{}, iri.(string))
}

func TestCreate(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
	followed := newPeer(t).person("fan")
	followed.tells(w, followed.does("Follow", w.makers.Actor.IRI))

	t.Run("in a community of ours, which tells its followers", func(t *testing.T) {
		note := bob.note("hello makers", w.toMakers())
		create := bob.does("Create", note)
		bob.tells(w, create)
		p, err := w.post(note["id"])
		if err != nil || p.Community == nil || p.Community.ID != w.makers.Actor.ID || p.Author.IRI != bob.IRI {
			outcome, reason := w.outcome(create["id"].(string))
			t.Fatalf("post = %+v, %v (%s %s)", p, err, outcome, reason)
		}
		if n := w.number(`SELECT count(*) FROM activities WHERE type = 'Announce' AND object = $1`, note["id"]); n == 0 {
			t.Error("it was not announced")
		}
	})
	t.Run("embedded and of another server is read there", func(t *testing.T) {
		note := bob.note("as Bob wrote it", w.toMakers())
		forged := object{}
		for k, v := range note {
			forged[k] = v
		}
		forged["content"] = "forged"
		create := eve.does("Create", forged)
		eve.tells(w, create)
		if outcome, _ := w.outcome(create["id"].(string)); outcome != "refused" {
			t.Errorf("outcome = %s, want refused", outcome)
		}
		if _, err := w.post(note["id"]); err == nil {
			t.Error("it was taken from who did not write it")
		}
	})
	t.Run("with an author beside", func(t *testing.T) {
		note := bob.note("both", w.toMakers(), object{"attributedTo": []string{bob.IRI, eve.IRI}})
		create := bob.does("Create", note)
		bob.tells(w, create)
		if outcome, _ := w.outcome(create["id"].(string)); outcome != "refused" {
			t.Errorf("outcome = %s, want refused", outcome)
		}
	})
	t.Run("only named, it is fetched", func(t *testing.T) {
		note := bob.note("only named", w.toMakers())
		bob.tells(w, bob.does("Create", note["id"]))
		if _, err := w.post(note["id"]); err != nil {
			t.Error(err)
		}
	})
	t.Run("a reply brings its parents", func(t *testing.T) {
		first := eve.note("the first", w.toMakers())
		second := eve.note("the second", w.toMakers(), object{"inReplyTo": first["id"]})
		third := bob.note("the third", w.toMakers(), object{"inReplyTo": second["id"]})
		bob.tells(w, bob.does("Create", third))
		p, err := w.post(third["id"])
		if err != nil {
			t.Fatal(err)
		}
		root, err := w.post(first["id"])
		if err != nil || p.Root != root.ID {
			t.Errorf("root = %d, %v; want %d", p.Root, err, root.ID)
		}
	})
	t.Run("that concerns nobody here is not kept", func(t *testing.T) {
		alone := eve.note("to nobody here")
		reply := eve.note("nor this", object{"inReplyTo": alone["id"]})
		for _, note := range []object{alone, reply} {
			create := eve.does("Create", note)
			eve.tells(w, create)
			if outcome, reason := w.outcome(create["id"].(string)); outcome != "ignored" {
				t.Errorf("outcome = %s (%s), want ignored", outcome, reason)
			}
			if n := w.number(`SELECT count(*) FROM posts WHERE iri = $1`, note["id"]); n != 0 {
				t.Error("it was kept")
			}
		}
	})
	t.Run("a vote and a chat message are ignored", func(t *testing.T) {
		vote := bob.does("Create", object{"id": bob.URL + "/v/1", "type": "Note", "name": "Yes", "attributedTo": bob.IRI, "inReplyTo": bob.URL + "/q/1"})
		chat := bob.does("Create", object{"id": bob.URL + "/c/1", "type": "ChatMessage", "content": "hi", "attributedTo": bob.IRI})
		for _, a := range []object{vote, chat} {
			bob.tells(w, a)
			if outcome, _ := w.outcome(a["id"].(string)); outcome != "ignored" {
				t.Errorf("outcome = %s, want ignored", outcome)
			}
		}
	})
}

func TestUpdateAndDelete(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	there := newPeer(t)
	bob, eve := there.person("bob"), newPeer(t).person("eve")
	note := bob.note("before", w.toMakers())
	bob.tells(w, bob.does("Create", note))

	t.Run("others change nothing", func(t *testing.T) {
		changed := object{"id": note["id"], "type": "Note", "attributedTo": bob.IRI, "content": "pwned", "updated": "2026-03-14T14:00:00Z"}
		eve.tells(w, eve.does("Update", changed))
		changed["attributedTo"] = eve.IRI
		eve.tells(w, eve.does("Update", changed))
		eve.tells(w, eve.does("Delete", note["id"]))
		eve.tells(w, eve.does("Delete", bob.IRI))
		if p, err := w.post(note["id"]); err != nil || !strings.Contains(p.Content, "before") {
			t.Errorf("post = %q, %v", p.Content, err)
		}
		if a, err := w.Directory.ByIRI(t.Context(), bob.IRI); err != nil || a.Gone {
			t.Errorf("Bob: %v", err)
		}
	})
	t.Run("a neighbour's Delete needs the word of their server", func(t *testing.T) {
		mod := there.person("mod")
		mod.tells(w, mod.does("Delete", note["id"]))
		if _, err := w.post(note["id"]); err != nil {
			t.Error(err)
		}
		other := bob.note("to remove", w.toMakers())
		bob.tells(w, bob.does("Create", other))
		there.shows(strings.TrimPrefix(other["id"].(string), there.URL), 410)
		mod.tells(w, mod.does("Delete", other["id"]))
		if _, err := w.post(other["id"]); err == nil {
			t.Error("it is still here")
		}
	})
	t.Run("the author changes it", func(t *testing.T) {
		note["content"], note["updated"] = "after", "2026-03-14T13:00:00Z"
		bob.tells(w, bob.does("Update", note))
		if p, err := w.post(note["id"]); err != nil || !strings.Contains(p.Content, "after") {
			t.Errorf("post = %q, %v", p.Content, err)
		}
	})
	t.Run("the author deletes it, for ever", func(t *testing.T) {
		bob.tells(w, bob.does("Delete", object{"id": note["id"], "type": "Tombstone"}))
		bob.tells(w, bob.does("Create", note))
		if _, err := w.post(note["id"]); err == nil {
			t.Error("it is still here")
		}
	})
	t.Run("a profile changes by the word of its holder", func(t *testing.T) {
		bob.doc["name"] = "Robert"
		bob.tells(w, bob.does("Update", bob.doc))
		if a := w.actor(bob); a.Title != "Robert" {
			t.Errorf("title = %q, want Robert", a.Title)
		}
		forged := object{}
		for k, v := range bob.doc {
			forged[k] = v
		}
		forged["name"] = "Mallory"
		eve.tells(w, eve.does("Update", forged))
		if a := w.actor(bob); a.Title != "Robert" {
			t.Errorf("title = %q, want Robert", a.Title)
		}
	})
	t.Run("somebody deletes themself", func(t *testing.T) {
		bob.tells(w, bob.does("Delete", bob.IRI))
		a, err := w.Directory.ByIRI(t.Context(), bob.IRI)
		if err == nil || !a.Gone {
			t.Errorf("Bob is still here: %v", err)
		}
		var erases int
		if err := w.DB.QueryRow(t.Context(), `SELECT count(*) FROM jobs WHERE kind = 'gone' AND key = $1`, strconv.FormatInt(int64(a.ID), 10)).Scan(&erases); err != nil || erases != 1 {
			t.Errorf("what Bob wrote is erased by %d jobs, %v", erases, err)
		}
	})
}

func TestLike(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
	p, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Community: w.makers.Actor.ID, Title: "Glue", Text: "What glue?"})
	if err != nil {
		t.Fatal(err)
	}
	likes := func() int { return w.number(`SELECT count(*) FROM likes WHERE post = $1`, p.ID) }

	like := bob.does("Like", p.IRI)
	for range 3 {
		bob.tells(w, like)
		bob.tells(w, bob.does("Like", p.IRI))
	}
	if n := likes(); n != 1 {
		t.Errorf("likes = %d, want 1", n)
	}
	eve.tells(w, eve.does("Undo", like))
	eve.tells(w, eve.does("Undo", object{"id": like["id"], "type": "Like", "actor": eve.IRI, "object": p.IRI}))
	if n := likes(); n != 1 {
		t.Errorf("after another's Undo: likes = %d, want 1", n)
	}
	bob.tells(w, bob.does("Undo", w.likeOf(bob)))
	if n := likes(); n != 0 {
		t.Errorf("after the Undo by id: likes = %d, want 0", n)
	}
	late := bob.does("Like", p.IRI)
	bob.tells(w, bob.does("Undo", late))
	bob.tells(w, late)
	if n := likes(); n != 0 {
		t.Errorf("undone before it came: likes = %d, want 0", n)
	}
	bob.tells(w, bob.does("EmojiReact", p.IRI))
	if n := likes(); n != 1 {
		t.Errorf("a reaction: likes = %d, want 1", n)
	}
}

func (w *town) likeOf(r *remote) (iri string) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), `SELECT iri FROM likes WHERE who = $1`, w.actor(r).ID).Scan(&iri); err != nil {
		w.t.Fatal(err)
	}
	return iri
}

// TestAnyOrder sends the same activities in every order, some twice, and sees the same
// end each time.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	type story struct {
		name       string
		activities func(w *town, bob, eve *remote) []object
	}
	for _, s := range []story{
		{"a post, its edits, its end", func(w *town, bob, _ *remote) []object {
			note := bob.note("one", w.toMakers())
			two, three := clone(note), clone(note)
			two["content"], two["updated"] = "two", "2026-03-14T12:30:00Z"
			three["content"], three["updated"] = "three", "2026-03-14T12:40:00Z"
			return []object{bob.does("Create", note), bob.does("Update", two), bob.does("Update", three), bob.does("Delete", note["id"])}
		}},
		{"a post and its edits", func(w *town, bob, _ *remote) []object {
			note := bob.note("one", w.toMakers())
			two, three := clone(note), clone(note)
			two["content"], two["updated"] = "two", "2026-03-14T12:30:00Z"
			three["content"], three["updated"] = "three", "2026-03-14T12:40:00Z"
			return []object{bob.does("Create", note), bob.does("Update", two), bob.does("Update", three)}
		}},
		{"a post, a reply, a like that is taken back, another that stays", func(w *town, bob, eve *remote) []object {
			note := bob.note("one", w.toMakers())
			reply := eve.note("two", w.toMakers(), object{"inReplyTo": note["id"]})
			like := eve.does("Like", note["id"])
			return []object{bob.does("Create", note), eve.does("Create", reply), like, eve.does("Undo", like), bob.does("Like", reply["id"])}
		}},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var first string
			w := newTown(t)
			for i, order := range permutations(len(s.activities(w, newPeer(t).person("x"), newPeer(t).person("y")))) {
				bob, eve := newPeer(t).person("bob"), newPeer(t).person("eve")
				activities := s.activities(w, bob, eve)
				for _, n := range order {
					a := activities[n]
					who := bob
					if a["actor"] == eve.IRI {
						who = eve
					}
					who.tells(w, a)
				}
				end := w.endState(bob, eve)
				if i == 0 {
					first = end
				}
				if end != first {
					t.Fatalf("order %v ends in\n%s\nwant\n%s", order, end, first)
				}
			}
		})
	}
}

// endState tells what is left of what two people did.
func (w *town) endState(people ...*remote) string {
	w.t.Helper()
	var lines []string
	for _, r := range people {
		rows, err := w.db.Query(w.t.Context(), `
			SELECT 'post ' || p.content || ' deleted ' || (p.deleted_at IS NOT NULL) || ' announced ' || p.announced ||
			       ' community ' || coalesce(p.community::text, '-') || ' reply ' || (p.parent IS NOT NULL) ||
			       ' likes ' || (SELECT count(*) FROM likes l WHERE l.post = p.id) ||
			       ' announces ' || (p.deleted_at IS NULL AND EXISTS (
			           SELECT 1 FROM activities a WHERE a.object = p.iri AND a.type = 'Announce'))
			FROM posts p JOIN actors a ON a.id = p.author
			WHERE a.iri = $1`, r.IRI)
		if err != nil {
			w.t.Fatal(err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				w.t.Fatal(err)
			}
			lines = append(lines, line)
		}
		rows.Close()
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func clone(o object) object {
	c := object{}
	for k, v := range o {
		c[k] = v
	}
	return c
}

func permutations(n int) (all [][]int) {
	var walk func(prefix []int)
	walk = func(prefix []int) {
		if len(prefix) == n {
			all = append(all, slices.Clone(prefix))
			return
		}
		for i := range n {
			if !slices.Contains(prefix, i) {
				walk(append(prefix, i))
			}
		}
	}
	walk(nil)
	return all
}

func TestPoison(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	bob := newPeer(t).person("bob")
	w.verbs = maps.Clone(apply)
	w.verbs["Panic"] = func(*Inbox, context.Context, arrival) (change, error) { panic("poison") }
	bad := bob.does("Panic", bob.URL+"/1")
	good := bob.does("Like", bob.URL+"/1")
	if bob.posts(w, bad) != 202 || bob.posts(w, good) != 202 {
		t.Fatal("not taken")
	}
	for range 6 {
		w.drain()
		w.clock.move(time.Hour)
	}
	outcome, reason := w.outcome(bad["id"].(string))
	if outcome != "dead" || !strings.Contains(reason, "panic") {
		t.Errorf("bad: %s %q, want dead of a panic", outcome, reason)
	}
	if outcome, reason := w.outcome(good["id"].(string)); outcome != "applied" {
		t.Errorf("good: %s %q, want applied", outcome, reason)
	}
	if n := w.number(`SELECT count(*) FROM inbox_queue`); n != 0 {
		t.Errorf("queue = %d, want 0", n)
	}
}
