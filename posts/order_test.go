package posts_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// like hands over a Like by by, perhaps on the word of a group.
func (tw *town) like(t testing.TB, by actors.Actor, post string, group *actors.Actor) {
	t.Helper()
	tw.write(t, func(tx storage.Tx) error { return tw.posts.ReceiveLike(t.Context(), tx, likeBy(t, by, post, group)) })
}

func (tw *town) unlike(t testing.TB, by actors.Actor, post string, group *actors.Actor) (found bool) {
	t.Helper()
	tw.write(t, func(tx storage.Tx) (err error) {
		found, err = tw.posts.ReceiveUnlike(t.Context(), tx, likeBy(t, by, post, group))
		return err
	})
	return found
}

func likeBy(t testing.TB, by actors.Actor, post string, group *actors.Actor) posts.Reaction {
	t.Helper()
	a := vocab.Activity{ID: by.IRI + "/likes/1", Type: "Like", Actor: by.IRI, Object: vocab.Link(post)}
	raw, err := a.Encode()
	check(t, err)
	return posts.Reaction{By: by, Post: post, Like: a.ID, Activity: raw, ActivityIRI: a.ID, Reported: group}
}

func (tw *town) delete(t testing.TB, by actors.Actor, post string) {
	t.Helper()
	a := vocab.Activity{ID: post + "/delete", Type: "Delete", Actor: by.IRI, Object: vocab.Link(post)}
	raw, err := a.Encode()
	check(t, err)
	tw.write(t, func(tx storage.Tx) error {
		_, err := tw.posts.ReceiveDelete(t.Context(), tx, posts.Deletion{By: by, IRI: post, Activity: raw, ActivityIRI: a.ID,
			ActivityType: "Delete"})
		return err
	})
}

// step is something that comes in.
type step struct {
	name string
	do   func(t testing.TB, tw *town)
}

// state tells all that is kept of posts, without what differs by arrival.
func (tw *town) state(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	for _, query := range []string{
		`SELECT format('post %s parent=%s root=%s community=%s scope=%s title=%s content=%s updated=%s announced=%s deleted=%s document=%s',
			p.iri, q.iri, r.iri, g.name, p.scope, p.title, p.content, p.updated, p.announced, p.deleted_at IS NOT NULL, p.document IS NOT NULL)
		FROM posts p LEFT JOIN posts q ON q.id = p.parent LEFT JOIN posts r ON r.id = p.root LEFT JOIN actors g ON g.id = p.community`,
		`SELECT format('version %s %s %s', p.iri, v.at, v.content) FROM post_versions v JOIN posts p ON p.id = v.post`,
		`SELECT format('like %s %s %s', p.iri, a.name, l.reported) FROM likes l JOIN posts p ON p.id = l.post JOIN actors a ON a.id = l.who`,
		`SELECT format('early %s', e.post) FROM early_likes e WHERE NOT EXISTS (SELECT FROM posts p WHERE p.iri = e.post)`,
		`SELECT format('tombstone %s', iri) FROM tombstones`,
	} {
		rows, err := tw.db.Query(t.Context(), query+" ORDER BY 1")
		check(t, err)
		for rows.Next() {
			var line string
			check(t, rows.Scan(&line))
			b.WriteString(line + "\n")
		}
		check(t, rows.Err())
	}
	return b.String()
}

// forget empties what was received, so that one town serves many orders.
func (tw *town) forget(t testing.TB) {
	t.Helper()
	tw.cleared(t)
	for _, table := range []string{"likes", "early_likes", "post_versions", "post_mentions", "posts", "tombstones"} {
		_, err := tw.db.Exec(t.Context(), "DELETE FROM "+table)
		check(t, err)
	}
}

// orders gives all orders of n things for which ok holds.
func orders(n int, ok func([]int) bool) [][]int {
	var all [][]int
	var grow func(done []int)
	grow = func(done []int) {
		if len(done) == n {
			if ok(done) {
				all = append(all, slices.Clone(done))
			}
			return
		}
		for i := range n {
			if !slices.Contains(done, i) {
				grow(append(slices.Clone(done), i))
			}
		}
	}
	grow(nil)
	return all
}

// sameEnd runs the steps in many orders, in every other one each twice, and
// compares what is kept in the end.
func sameEnd(t *testing.T, steps []step, ok func(order []int) bool) {
	t.Helper()
	tw := newTown(t)
	var want, first string
	all := orders(len(steps), ok)
	stride := max(1, len(all)/60) // a sample, and never the same neighbours
	if os.Getenv("PASSERELLES_TEST_ALL") != "" {
		stride = 1
	}
	for n := 0; n < len(all); n += stride {
		order := all[n]
		var names []string
		for _, i := range order {
			names = append(names, steps[i].name)
			steps[i].do(t, tw)
			if n%2 == 0 { // everything may come twice
				steps[i].do(t, tw)
			}
		}
		got, how := tw.state(t), strings.Join(names, ", ")
		if want == "" {
			want, first = got, how
		}
		if got != want {
			t.Fatalf("after %s:\n%s\nafter %s:\n%s", how, got, first, want)
		}
		tw.forget(t)
	}
}

func TestAnyOrderSameEnd(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"here", "elsewhere"} {
		for _, deleted := range []bool{false, true} {
			t.Run(fmt.Sprintf("community %s, deleted %v", group, deleted), func(t *testing.T) {
				t.Parallel()
				sameEnd(t, story(group, deleted), func(order []int) bool {
					return slices.Index(order, 3) < slices.Index(order, 4) // an Undo that comes first is the inbox's matter
				})
			})
		}
	}
}

// story is a post of Bob's, its edits, a like taken back, and Zoe's reply.
func story(where string, deleted bool) []step {
	group := func(tw *town) string {
		if where == "here" {
			return tw.makers.IRI
		}
		return tw.cooks.IRI
	}
	version := func(kind, text string, updated time.Duration) step {
		return step{kind + " " + text, func(t testing.TB, tw *town) {
			n := note(tw.bob, "1", text, vocab.Public, group(tw))
			if updated > 0 {
				n.Updated = n.Published.Add(updated)
			}
			tw.receive(t, said(t, kind, tw.bob, n))
		}}
	}
	steps := []step{
		version("Create", "one", 0),
		version("Update", "two", time.Minute),
		version("Update", "three", 2*time.Minute),
		{"Like", func(t testing.TB, tw *town) { tw.like(t, tw.zoe, tw.bob.IRI+"/1", nil) }},
		{"Undo Like", func(t testing.TB, tw *town) { tw.unlike(t, tw.zoe, tw.bob.IRI+"/1", nil) }},
		{"Reply", func(t testing.TB, tw *town) {
			n := note(tw.zoe, "2", "reply")
			n.InReplyTo = tw.bob.IRI + "/1"
			tw.receive(t, said(t, "Create", tw.zoe, n))
		}},
	}
	if deleted {
		return append(steps, step{"Delete", func(t testing.TB, tw *town) { tw.delete(t, tw.bob, tw.bob.IRI+"/1") }})
	}
	return append(steps, step{"Kim's like", func(t testing.TB, tw *town) { tw.like(t, tw.kim, tw.bob.IRI+"/1", nil) }})
}
