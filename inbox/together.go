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
	arrival arrival
	note    vocab.Note
	post    posts.In
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
		if slices.ContainsFunc(ended, func(e waiting) bool { return e.Received == w.Received }) { // of fifty at most
			in.Counted(applied.outcome, w.Type)
			continue
		}
		left = append(left, w)
	}
	return left
}

// ready prepares the rows that may go together.
func (in *Inbox) ready(ctx context.Context, rows []waiting) (all []readied, err error) {
	created := in.readCreates(ctx, rows)
	known, err := in.knownAlready(ctx, created)
	if err != nil {
		return nil, err
	}
	for _, r := range created {
		r.arrival.reach.known = known
		r.post, err = in.newPost(ctx, r.arrival, r.note)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue
		}
		known[r.note.ID] = true // for the replies that stand behind it
		all = append(all, r)
	}
	return all, nil
}

// readCreates reads the new posts among the rows. What stands behind a deletion by its
// host is left out: it may not come before it.
func (in *Inbox) readCreates(ctx context.Context, rows []waiting) (all []readied) {
	deleting := map[string]bool{}
	for _, w := range rows {
		host := federation.Host(w.Actor)
		deleting[host] = deleting[host] || w.Type == "Delete"
		if w.Type != "Create" || deleting[host] || w.Attempts > 1 || w.Body == nil {
			continue
		}
		a, err := in.arrival(ctx, w, false)
		if err != nil {
			continue
		}
		if note, err := in.created(ctx, a); err == nil && !in.Communities.IsLetter(note.InReplyTo) {
			all = append(all, readied{waiting: w, arrival: a, note: note})
		}
	}
	return all
}

// knownAlready asks once for all posts that the checks of many will ask for.
func (in *Inbox) knownAlready(ctx context.Context, created []readied) (map[string]bool, error) {
	var iris []string
	for _, r := range created {
		iris = append(iris, r.note.ID)
		if r.note.InReplyTo != "" {
			iris = append(iris, r.note.InReplyTo)
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
