package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

const public = "https://www.w3.org/ns/activitystreams#Public"

// crowd is the people of a stranger who write to a community of ours, and what
// each of them did: what was answered 202, in its order.
type crowd struct {
	*stranger
	inbox     string
	community string
	tokens    chan struct{} // one for each activity that may go
	writers   []*writer

	shelf sync.Mutex
	notes map[string]*note // all that anybody may answer, like or fetch
}

// note is a post as its author last said it.
type note struct {
	iri, author, parent, text string
	version                   int
	deleted                   bool
}

// writer does one thing after another, each once the one before was taken.
type writer struct {
	*crowd
	iri       string
	dice      *rand.Rand
	said      []string // ids of all its activities
	follows   string   // id of its Follow, "" when it does not
	followed  int      // how often it asked
	likes     map[string]string
	own       []*note
	lastThing int
}

func newCrowd(t *testing.T, seed uint64, size int, inbox, community string) *crowd {
	t.Helper()
	c := &crowd{stranger: newStranger(t), inbox: inbox, community: community, tokens: make(chan struct{}, 100_000), notes: map[string]*note{}}
	c.routes.HandleFunc("GET /notes/{id}", c.showNote)
	for i := range size {
		c.writers = append(c.writers, &writer{
			crowd: c, iri: c.actor(fmt.Sprintf("w%d", i)), dice: rand.New(rand.NewPCG(seed, uint64(i))), likes: map[string]string{},
		})
	}
	return c
}

// release lets n more activities go.
func (c *crowd) release(n int) {
	for range n {
		c.tokens <- struct{}{}
	}
}

// write lets everybody write until the tokens are closed and used up.
func (c *crowd) write(ctx context.Context) error {
	failed := make(chan error, len(c.writers))
	var all sync.WaitGroup
	for _, w := range c.writers {
		all.Go(func() {
			for range c.tokens {
				if err := w.act(ctx); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	return <-failed
}

// act does something that this writer may do now.
func (w *writer) act(ctx context.Context) error {
	switch n := w.dice.IntN(20); {
	case w.follows == "":
		return w.follow(ctx)
	case n < 1:
		return w.unfollow(ctx)
	case n < 5:
		return w.react(ctx)
	case n < 9 && len(w.own) > 0:
		return w.edit(ctx, w.own[w.dice.IntN(len(w.own))])
	case n < 10 && len(w.own) > 3:
		return w.remove(ctx, w.dice.IntN(len(w.own)))
	}
	return w.create(ctx)
}

func (w *writer) does(ctx context.Context, activity answer) (id string, err error) {
	w.lastThing++
	id = fmt.Sprintf("%s/%d", w.iri, w.lastThing)
	activity["id"] = id
	if err := w.says(ctx, w.inbox, w.iri, activity); err != nil {
		return "", err
	}
	w.said = append(w.said, id)
	if w.dice.IntN(8) == 0 {
		return id, w.repeats(ctx, activity)
	}
	return id, nil
}

// repeats says again what was taken, to both inboxes at once, as a sender does who
// lost the answer.
func (w *writer) repeats(ctx context.Context, activity answer) error {
	failed := make(chan error, 2)
	for _, inbox := range []string{w.inbox, w.community + "/inbox"} {
		go func() { failed <- w.says(ctx, inbox, w.iri, maps.Clone(activity)) }()
	}
	return errors.Join(<-failed, <-failed)
}

func (w *writer) follow(ctx context.Context) (err error) {
	w.follows, err = w.does(ctx, answer{"type": "Follow", "object": w.community})
	w.followed++
	return err
}

func (w *writer) unfollow(ctx context.Context) error {
	_, err := w.does(ctx, answer{"type": "Undo", "object": answer{
		"id": w.follows, "type": "Follow", "actor": w.iri, "object": w.community}})
	w.follows = ""
	return err
}

// react likes something, or takes the like back.
func (w *writer) react(ctx context.Context) (err error) {
	post := w.pick()
	if like := w.likes[post]; like != "" {
		delete(w.likes, post)
		_, err = w.does(ctx, answer{"type": "Undo", "object": answer{"id": like, "type": "Like", "actor": w.iri, "object": post}})
		return err
	}
	w.likes[post], err = w.does(ctx, answer{"type": "Like", "object": post})
	return err
}

func (w *writer) create(ctx context.Context) error {
	w.shelf.Lock()
	n := &note{iri: fmt.Sprintf("%s/notes/%d", w.origin, len(w.notes)), author: w.iri, text: fmt.Sprintf("note %d", len(w.notes))}
	w.notes[n.iri] = n
	w.shelf.Unlock()
	if w.dice.IntN(3) == 0 {
		if parent := w.pick(); parent != n.iri {
			w.shelf.Lock()
			n.parent = parent
			w.shelf.Unlock()
		}
	}
	_, err := w.does(ctx, w.about("Create", n))
	w.own = append(w.own, n)
	return err
}

func (w *writer) edit(ctx context.Context, n *note) error {
	w.shelf.Lock()
	n.version++
	w.shelf.Unlock()
	_, err := w.does(ctx, w.about("Update", n))
	return err
}

func (w *writer) remove(ctx context.Context, i int) error {
	n := w.own[i]
	w.own = slices.Delete(w.own, i, i+1)
	w.shelf.Lock()
	n.deleted = true
	w.shelf.Unlock()
	_, err := w.does(ctx, answer{"type": "Delete", "to": []string{public}, "object": answer{"id": n.iri, "type": "Tombstone"}})
	return err
}

// pick gives a post that is not deleted: that of ours, or anybody's.
func (w *writer) pick() string {
	w.shelf.Lock()
	defer w.shelf.Unlock()
	var live []string
	for _, iri := range slices.Sorted(maps.Keys(w.notes)) {
		if !w.notes[iri].deleted {
			live = append(live, iri)
		}
	}
	return live[w.dice.IntN(len(live))]
}

// about is a Create or an Update of a note.
func (c *crowd) about(kind string, n *note) answer {
	object := c.document(n)
	return answer{"type": kind, "to": object["to"], "cc": object["cc"], "object": object}
}

// document is a note as its server shows it. Its versions are a minute apart.
func (c *crowd) document(n *note) answer {
	c.shelf.Lock()
	defer c.shelf.Unlock()
	published := noon.Add(-24 * time.Hour)
	document := answer{
		"id": n.iri, "type": "Note", "attributedTo": n.author, "to": []string{public}, "cc": []string{c.community},
		"audience": c.community, "content": n.content(), "published": published.Format(time.RFC3339),
	}
	if n.parent != "" {
		document["inReplyTo"] = n.parent
	}
	if n.version > 0 {
		document["updated"] = published.Add(time.Duration(n.version) * time.Minute).Format(time.RFC3339)
	}
	return document
}

// noon is some moment of the run: versions are told apart by minutes after it.
var noon = time.Now().UTC().Truncate(time.Second)

func (n *note) content() string { return fmt.Sprintf("<p>%s, version %d.</p>", n.text, n.version) }

// showNote answers who asks for a note: a reply may come before what it answers.
func (c *crowd) showNote(w http.ResponseWriter, r *http.Request) {
	c.shelf.Lock()
	n := c.notes[c.origin+r.URL.Path]
	gone := n != nil && n.deleted
	c.shelf.Unlock()
	switch {
	case n == nil || n.author == "":
		http.NotFound(w, r)
	case gone:
		w.WriteHeader(http.StatusGone)
	default:
		w.Header().Set("Content-Type", activityJSON)
		document := c.document(n)
		document["@context"] = "https://www.w3.org/ns/activitystreams"
		_ = json.NewEncoder(w).Encode(document) // fails only when the reader was killed
	}
}
