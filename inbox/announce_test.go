package inbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/posts"
)

// follower makes Ana follow a community elsewhere.
func (w *town) follower(group *remote) actors.Actor {
	w.t.Helper()
	a, err := w.Directory.Resolve(w.t.Context(), group.IRI)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Accounts.Follow(w.t.Context(), w.ana.ID, a); err != nil {
		w.t.Fatal(err)
	}
	return a
}

func TestAnnounce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	groupServer, authorServer := newPeer(t), newPeer(t)
	group := groupServer.group("garden")
	bob, near := authorServer.person("bob"), groupServer.person("near")
	there := w.follower(group)
	inGarden := object{"audience": group.IRI, "to": []string{group.IRI, "https://www.w3.org/ns/activitystreams#Public"}}
	path := func(o object) string { return strings.TrimPrefix(o["id"].(string), authorServer.URL) }
	tell := func(what any) object { a := group.does("Announce", what); group.tells(w, a); return a }
	isThere := func(t *testing.T, iri any, text string) {
		t.Helper()
		p, err := w.post(iri)
		if err != nil || p.Community == nil || p.Community.ID != there.ID || !strings.Contains(p.Content, text) {
			t.Errorf("post = %q in %v, %v; want %q in the garden", p.Content, p.Community, err, text)
		}
	}
	isNot := func(t *testing.T, iri any) {
		t.Helper()
		if p, err := w.post(iri); err == nil {
			t.Errorf("post = %q, want none", p.Content)
		}
	}

	t.Run("a Create of another server is read there", func(t *testing.T) {
		note := bob.note("true words", inGarden)
		forged := clone(note)
		forged["content"] = "false words"
		tell(bob.does("Create", forged))
		isThere(t, note["id"], "true words")
		if n := authorServer.asked(path(note)); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
		tell(bob.does("Create", forged))
		tell(note["id"])
		if n := authorServer.asked(path(note)); n != 1 {
			t.Errorf("asked %d times in the end, want once", n)
		}
	})
	t.Run("a post that its server does not show is not", func(t *testing.T) {
		note := bob.note("never written", inGarden)
		authorServer.shows(path(note), http.StatusNotFound)
		a := tell(bob.does("Create", note))
		isNot(t, note["id"])
		if outcome, reason := w.outcome(a["id"].(string)); outcome != "refused" {
			t.Errorf("outcome = %s %s, want refused", outcome, reason)
		}
	})
	t.Run("what lives with the community is believed", func(t *testing.T) {
		note := near.note("from near", inGarden)
		groupServer.shows(strings.TrimPrefix(note["id"].(string), groupServer.URL), http.StatusNotFound)
		tell(near.does("Create", note))
		isThere(t, note["id"], "from near")
	})
	t.Run("a post that is only named", func(t *testing.T) {
		note := bob.note("named", inGarden)
		tell(note["id"])
		isThere(t, note["id"], "named")
	})
	t.Run("a post that is embedded", func(t *testing.T) {
		note := bob.note("embedded", inGarden)
		forged := clone(note)
		forged["content"] = "forged"
		tell(forged)
		isThere(t, note["id"], "embedded")
	})
	t.Run("several at once", func(t *testing.T) {
		one, two := bob.note("one", inGarden), bob.note("two", inGarden)
		tell([]any{bob.does("Create", one), bob.does("Create", two)})
		isThere(t, one["id"], "one")
		isThere(t, two["id"], "two")
	})
	t.Run("an Update is read at its server", func(t *testing.T) {
		note := bob.note("old", inGarden)
		tell(bob.does("Create", note))
		changed := clone(note)
		changed["content"], changed["updated"] = "new", "2026-03-14T13:00:00Z"
		authorServer.shows(path(note), changed)
		tell(bob.does("Update", note))
		isThere(t, note["id"], "new")
	})
	t.Run("a Delete is checked at its server", func(t *testing.T) {
		note := bob.note("to delete", inGarden)
		tell(bob.does("Create", note))
		remove := bob.does("Delete", note["id"])
		tell(remove)
		isThere(t, note["id"], "to delete")
		authorServer.shows(path(note), object{"@context": "https://www.w3.org/ns/activitystreams", "id": note["id"], "type": "Tombstone"})
		tell(remove)
		isNot(t, note["id"])
	})
	t.Run("a Delete before the Create holds, of what lives with the community", func(t *testing.T) {
		note := near.note("gone before it came", inGarden)
		tell(near.does("Delete", note["id"]))
		tell(near.does("Create", note))
		isNot(t, note["id"])
		far := bob.note("said to be gone", inGarden)
		tell(bob.does("Delete", far["id"]))
		tell(bob.does("Create", far))
		isThere(t, far["id"], "said to be gone")
	})
	t.Run("a Delete that comes while its post is fetched for a reply", func(t *testing.T) {
		note := bob.note("deleted at this moment", inGarden)
		remove := group.does("Announce", bob.does("Delete", note["id"]))
		authorServer.shows(path(note), http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			authorServer.shows(path(note), http.StatusGone)
			if status := group.posts(w, remove); status != http.StatusAccepted {
				t.Errorf("its Delete was answered %d", status)
			}
			if err := w.Drain(t.Context()); err != nil {
				t.Error(err)
			}
			rw.Header().Set("Content-Type", vocab.MediaType)
			_ = json.NewEncoder(rw).Encode(note) // fails only if they left
		}))
		reply := bob.note("to what is deleted", inGarden, object{"inReplyTo": note["id"]})
		tell(bob.does("Create", reply))
		w.clock.move(backoff(1, 0) + time.Minute)
		w.drain()
		isNot(t, note["id"])
		if _, err := w.post(reply["id"]); err != nil {
			t.Errorf("the reply: %v", err)
		}
		if n := authorServer.asked(path(note)); n != 2 {
			t.Errorf("asked %d times, want twice", n)
		}
		if outcome, reason := w.outcome(remove["id"].(string)); outcome != "ignored" {
			t.Errorf("outcome of the Delete = %s %s, want ignored", outcome, reason)
		}
	})
	t.Run("a Like counts on its word", func(t *testing.T) {
		note := bob.note("liked", inGarden)
		tell(bob.does("Create", note))
		p, err := w.post(note["id"])
		if err != nil {
			t.Fatal(err)
		}
		like := bob.does("Like", note["id"])
		tell(like)
		tell(like)
		if n := w.number(`SELECT count(*) FROM likes WHERE post = $1 AND reported = $2`, p.ID, there.ID); n != 1 {
			t.Errorf("likes = %d, want 1 reported", n)
		}
		tell(bob.does("Undo", like))
		if n := w.number(`SELECT count(*) FROM likes WHERE post = $1`, p.ID); n != 0 {
			t.Errorf("likes = %d, want 0", n)
		}
	})
	t.Run("a community that nobody follows tells nothing", func(t *testing.T) {
		other := newPeer(t).group("other")
		note := bob.note("unasked")
		a := other.does("Announce", note["id"])
		other.tells(w, a)
		isNot(t, note["id"])
		if n := authorServer.asked(path(note)); n != 0 {
			t.Errorf("asked %d times, want 0", n)
		}
	})
	t.Run("a boost by a person is ignored", func(t *testing.T) {
		note := bob.note("boosted")
		near.tells(w, near.does("Announce", note["id"]))
		isNot(t, note["id"])
	})
	t.Run("what belongs to a community of ours does not come through theirs", func(t *testing.T) {
		note := bob.note("for the makers", w.toMakers())
		tell(bob.does("Create", note))
		isNot(t, note["id"])
	})
	t.Run("our post comes back", func(t *testing.T) {
		p, err := w.Posts.Publish(t.Context(), w.ana.ID, posts.Draft{Community: there.ID, Title: "Seeds", Text: "Which seeds?"})
		if err != nil {
			t.Fatal(err)
		}
		tell(object{"id": p.IRI + "#create", "type": "Create", "actor": w.anaIRI, "object": p.IRI})
		if p, err = w.post(p.IRI); err != nil || !p.Announced {
			t.Errorf("announced = %t, %v; want true", p.Announced, err)
		}
		tell(p.IRI)
		tell(object{"id": p.IRI + "#delete", "type": "Delete", "actor": w.anaIRI, "object": p.IRI})
		if _, err := w.post(p.IRI); err != nil {
			t.Errorf("the community deleted what is ours: %v", err)
		}
	})
	t.Run("one that was undone before it came", func(t *testing.T) {
		note := bob.note("taken back", inGarden)
		a := group.does("Announce", note["id"])
		group.tells(w, group.does("Undo", a))
		group.tells(w, a)
		isNot(t, note["id"])
	})
}

func TestFetchesAreBounded(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	group, author := newPeer(t).group("garden"), newPeer(t)
	bob := author.person("bob")
	w.follower(group)
	var many []any
	for range 40 {
		many = append(many, bob.note("one of many")["id"])
	}
	group.tells(w, group.does("Announce", many))
	if n := w.number(`SELECT count(*) FROM posts`); n > 10 || n == 0 {
		t.Errorf("posts = %d, want at most ten and some", n)
	}
}

func TestFetchLater(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	group, author := newPeer(t).group("garden"), newPeer(t)
	bob := author.person("bob")
	w.follower(group)
	note := bob.note("patience")
	path := strings.TrimPrefix(note["id"].(string), author.URL)
	author.shows(path, http.StatusServiceUnavailable)
	group.tells(w, group.does("Announce", note["id"]))
	if _, err := w.post(note["id"]); err == nil {
		t.Fatal("it is here already")
	}
	author.shows(path, note)
	w.clock.move(backoff(1, 0) + 20e9)
	w.drain()
	if _, err := w.post(note["id"]); err != nil {
		t.Errorf("after its server came back: %v", err)
	}
	if n := w.number(`SELECT count(*) FROM inbox_queue`); n != 0 {
		t.Errorf("queue = %d, want 0", n)
	}
}

// TestAnnouncedByStrangers has a community that nobody here follows announce what concerns
// us, and beside it what does not.
func TestAnnouncedByStrangers(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	p, peer := w.glue(), newPeer(t)
	group, una := peer.group("nobodys"), peer.person("una")
	inside := una.does("Create", with(una.note("for members whom nobody here is"), object{"to": []string{group.IRI + "/followers"}, "cc": []string{}, "audience": group.IRI}))
	group.tells(w, group.does("Announce", []any{inside, una.does("Create", una.note("unasked")), una.does("Like", p.IRI),
		una.does("Delete", peer.URL+"/never/here")}))
	if seen, err := w.post(p.IRI); err != nil || seen.Likes != 1 {
		t.Errorf("%d likes, %v; want one", seen.Likes, err)
	}
	if posts, deleted := w.number(`SELECT count(*) FROM posts WHERE NOT local`), w.number(`SELECT count(*) FROM tombstones`); posts+deleted != 0 {
		t.Errorf("%d posts and %d tombstones of a community whom nobody follows", posts, deleted)
	}
}
