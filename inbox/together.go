package inbox

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/posts"
	"passerelles/storage"
)

// togetherFor is how long a batch may take: far less than its lease, in which each of its
// rows must still be applied by itself if this fails.
const togetherFor = 10 * time.Second

// readied is a row of which all is known that writing it takes.
type readied struct {
	waiting
	post posts.In
}

// together applies what nearly always comes, new posts of authors whom we know, many
// in one transaction. It gives back the rows that it did not end, all of them if
// anything fails: those are applied one by one.
func (in *Inbox) together(ctx context.Context, rows []waiting) (left []waiting) {
	defer func() {
		if p := recover(); p != nil {
			in.Log.Error("inbox: panic among many", "panic", p, "stack", string(debug.Stack()))
			left = rows
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, togetherFor)
	defer cancel()
	ready, err := in.ready(ctx, rows)
	if err != nil || len(ready) < 2 {
		return rows
	}
	ended, err := in.writeTogether(ctx, ready)
	if err != nil {
		in.Log.Debug("inbox: one by one", "rows", len(ready), "error", err)
		return rows
	}
	for _, w := range rows {
		if slices.ContainsFunc(ended, func(e waiting) bool { return e.Received == w.Received }) {
			in.Counted(applied.outcome, w.Type)
			continue
		}
		left = append(left, w)
	}
	return left
}

// ready prepares the rows that may go together.
func (in *Inbox) ready(ctx context.Context, rows []waiting) (all []readied, err error) {
	var notes []vocab.Note
	var created []arrival
	var from []waiting
	deleting := map[string]bool{} // hosts: what stands behind a deletion may not come before it
	for _, w := range rows {
		host := federation.Host(w.Actor)
		deleting[host] = deleting[host] || w.Type == "Delete"
		if w.Type != "Create" || deleting[host] || w.Attempts > 1 || w.Body == nil {
			continue
		}
		a, n, err := in.readCreate(ctx, w)
		if err == nil {
			created, notes, from = append(created, a), append(notes, n), append(from, w)
		}
	}
	known, err := in.knownAlready(ctx, notes)
	if err != nil {
		return nil, err
	}
	for i, a := range created {
		a.reach.known = known
		post, err := in.newPost(ctx, a, notes[i])
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		known[notes[i].ID] = true // for the replies that stand behind it
		all = append(all, readied{from[i], post})
	}
	return all, nil
}

func (in *Inbox) readCreate(ctx context.Context, w waiting) (arrival, vocab.Note, error) {
	a, err := in.arrival(ctx, w, false)
	if err != nil {
		return a, vocab.Note{}, err
	}
	n, err := in.created(ctx, a)
	return a, n, err
}

// knownAlready asks once for all posts that the checks of many will ask for.
func (in *Inbox) knownAlready(ctx context.Context, notes []vocab.Note) (map[string]bool, error) {
	var iris []string
	for _, n := range notes {
		iris = append(iris, n.ID)
		if n.InReplyTo != "" {
			iris = append(iris, n.InReplyTo)
		}
	}
	return in.Posts.KnownOf(ctx, in.DB, iris)
}

// writeTogether keeps the posts and ends their rows, or does nothing.
func (in *Inbox) writeTogether(ctx context.Context, ready []readied) (ended []waiting, err error) {
	all := make([]posts.In, len(ready))
	for i, r := range ready {
		all[i] = r.post
	}
	err = in.DB.WriteSoft(ctx, func(tx storage.Tx) error {
		kept, err := in.Posts.ReceiveNew(ctx, tx, all)
		if err != nil {
			return err
		}
		ended = nil
		for i, r := range ready {
			if kept[i] {
				ended = append(ended, r.waiting)
			}
		}
		n, err := leave(ctx, tx, ended)
		if err == nil && n != len(ended) {
			err = errLost
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("apply together: %w", err)
	}
	return ended, nil
}
