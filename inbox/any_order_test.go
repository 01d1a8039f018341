package inbox

import (
	"slices"
	"strings"
	"testing"
)

// TestAnyOrderOfTies sends in every order what people and a community elsewhere say about
// posts and each other, every other time twice what has its effect once for ever, and sees
// the same end each time. What is deleted and what never came are the same.
func TestAnyOrderOfTies(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(w *town, bob, eve, garden *remote) []object{
		"a follow that is ended, a like, a post": func(w *town, bob, eve, _ *remote) []object {
			follow := bob.does("Follow", w.makers.Actor.IRI)
			note := eve.note("one", w.toMakers())
			return []object{follow, bob.does("Undo", follow), eve.does("Create", note), bob.does("Like", note["id"])}
		},
		"a reaction, taken back, and a dislike": func(w *town, bob, eve, _ *remote) []object {
			note := eve.note("one", w.toMakers())
			eve.tells(w, eve.does("Create", note)) // first: a vote against what is not here is forgotten
			reaction := bob.does("EmojiReact", note["id"])
			return []object{reaction, bob.does("Undo", reaction), eve.does("Dislike", note["id"])}
		},
		"a post told by its author and its community, edited": func(_ *town, bob, _, garden *remote) []object {
			note := bob.note("one", object{"audience": garden.IRI})
			two := clone(note)
			two["content"], two["updated"] = "two", "2026-03-14T12:30:00Z"
			bob.shows(pathOf(bob, note), two)
			return []object{bob.does("Create", note), garden.does("Announce", bob.does("Create", note)),
				garden.does("Announce", bob.does("Update", two)), garden.does("Announce", note["id"])}
		},
		"a post told by a community, and its end": func(_ *town, bob, _, garden *remote) []object {
			note := bob.note("one", object{"audience": garden.IRI})
			bob.shows(pathOf(bob, note), 410)
			return []object{bob.does("Create", note), garden.does("Announce", bob.does("Create", note)),
				bob.does("Delete", note["id"]), garden.does("Announce", bob.does("Delete", note["id"]))}
		},
		"a like told by a community, and its end": func(_ *town, bob, eve, garden *remote) []object {
			note := bob.note("one", object{"audience": garden.IRI})
			like := eve.does("Like", note["id"])
			return []object{garden.does("Announce", bob.does("Create", note)), garden.does("Announce", like),
				garden.does("Announce", eve.does("Undo", like)), garden.does("Announce", bob.does("Like", note["id"]))}
		},
		"a vote against told by a community, and its end": func(_ *town, bob, eve, garden *remote) []object {
			note := bob.note("one", object{"audience": garden.IRI})
			against := eve.does("Dislike", note["id"])
			return []object{garden.does("Announce", bob.does("Create", note)), garden.does("Announce", against),
				garden.does("Announce", eve.does("Undo", against))}
		},
		"a reply, and a thread that its community locks": func(_ *town, bob, eve, garden *remote) []object {
			note := bob.note("one", object{"audience": garden.IRI})
			reply := eve.note("two", object{"audience": garden.IRI, "inReplyTo": note["id"]})
			return []object{garden.does("Announce", bob.does("Create", note)), garden.does("Announce", eve.does("Create", reply)),
				garden.does("Announce", garden.does("Lock", note["id"])), garden.does("Announce", eve.does("Like", note["id"]))}
		},
		"what a community announced and took back": func(_ *town, bob, _, garden *remote) []object {
			note := bob.note("one", object{"audience": garden.IRI})
			announce := garden.does("Announce", note["id"])
			return []object{announce, garden.does("Undo", announce), bob.does("Create", note)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			var first string
			scratch := newPeer(t)
			for i, order := range permutations(len(tell(w, scratch.person("x"), scratch.person("y"), scratch.group("z")))) {
				bob, eve, garden := newPeer(t).person("bob"), newPeer(t).person("eve"), newPeer(t).group("garden")
				w.follower(garden)
				who := map[any]*remote{bob.IRI: bob, eve.IRI: eve, garden.IRI: garden}
				activities := tell(w, bob, eve, garden)
				for _, n := range order {
					a := activities[n]
					who[a["actor"]].tells(w, a)
					if i%2 == 1 && !slices.Contains([]any{"Follow", "Like", "EmojiReact", "Dislike", "Announce"}, a["type"]) {
						who[a["actor"]].tells(w, a)
					}
				}
				end := w.ties(bob, eve, garden)
				if i == 0 {
					first = end
					t.Log(end)
				}
				if end != first {
					t.Fatalf("order %v ends in\n%s\nwant\n%s", order, end, first)
				}
			}
		})
	}
}

func pathOf(r *remote, note object) string { return strings.TrimPrefix(note["id"].(string), r.URL) }

// ties tells what stands between some people, a community elsewhere, their posts and ours.
func (w *town) ties(people ...*remote) string {
	w.t.Helper()
	var iris, names []string
	for _, r := range people {
		iris, names = append(iris, r.IRI), append(names, r.IRI, r.doc["name"].(string))
	}
	var lines []string
	rows, err := w.db.Query(w.t.Context(), `
		WITH people AS (
			SELECT id, iri FROM actors WHERE iri = ANY($1)
		), live AS (
			SELECT p.*, a.iri AS by FROM posts p JOIN people a ON a.id = p.author WHERE p.deleted_at IS NULL
		)
		SELECT 'post of ' || by || ': ' || content || ', in ' || coalesce((SELECT name FROM actors c WHERE c.id = live.community), '-') ||
		       ', answers ' || (parent IS NOT NULL) || ', announced ' || (announced OR EXISTS (SELECT FROM post_marks m WHERE m.post = live.iri AND m.mark = 'withdrawn' AND m.holds)) FROM live
		UNION ALL
		SELECT 'like by ' || a.iri || ' of ' || p.content FROM likes l JOIN live p ON p.id = l.post JOIN people a ON a.id = l.who
		UNION ALL
		SELECT 'dislike by ' || a.iri || ' of ' || p.content FROM dislikes l JOIN live p ON p.id = l.post JOIN people a ON a.id = l.who
		UNION ALL
		SELECT 'follow by ' || a.iri FROM follows f JOIN people a ON a.id = f.follower WHERE f.state = 'accepted'
		UNION ALL
		SELECT 'marked ' || m.mark || ' by ' || a.iri || ' ' || m.holds || ': ' || p.content
		FROM post_marks m JOIN people a ON a.id = m.community JOIN live p ON p.iri = m.post
		UNION ALL
		SELECT 'role ' || r.role || ' of ' || r.who || ' ' || r.holds FROM roles_elsewhere r JOIN people a ON a.id = r.community
		UNION ALL
		SELECT 'undelivered like' FROM early_likes e JOIN live p ON p.iri = e.post`, iris)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			w.t.Fatal(err)
		}
		lines = append(lines, strings.NewReplacer(names...).Replace(line))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
