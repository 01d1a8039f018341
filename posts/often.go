package posts

import (
	"strconv"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/pace"
)

// mostEdits of one post are taken of a member, or passed on of somebody elsewhere, in an hour.
const mostEdits = 30

// often is what each may do in an hour: each thing may leave for thousands of servers.
type often struct {
	posts pace.Pace[actors.ID]
	edits pace.Pace[int64] // by post
}

func newOften(postsAnHour int) *often {
	return &often{pace.Pace[actors.ID]{Most: postsAnHour, Within: time.Hour}, pace.Pace[int64]{Most: mostEdits, Within: time.Hour}}
}

// post counts a post, and refuses one too many: what came from elsewhere waits until its time.
func (o *often) post(p Post, now time.Time) error {
	after, may := o.posts.Take(p.Author.ID, p.IRI, now)
	if !may {
		return fault.Later(fault.TooMany, "You have published very much within an hour: wait a little before the next.", after)
	}
	return nil
}

// edit likewise.
func (o *often) edit(post int64, now time.Time) error {
	after, may := o.edits.Take(post, strconv.FormatInt(now.UnixNano(), 10), now)
	if !may {
		return fault.Later(fault.TooMany, "You have changed this post very often within an hour: wait a little before the next change.", after)
	}
	return nil
}

// passesOn says whether a community of ours tells its followers of a change from elsewhere:
// beyond what is usual it keeps it, and tells nobody.
func (o *often) passesOn(post int64, activity string, now time.Time) bool {
	_, may := o.edits.Take(post, activity, now)
	return may
}

// leaves says whether a community of ours passes a new post on.
func (p Post) leaves(in In) bool {
	return in.Activity != nil && !p.Deleted && p.Community != nil && p.Community.Local() && p.Scope != Direct
}
