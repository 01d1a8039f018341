// Package access answers who may see what, and which servers we talk to.
//
// The rule about posts is told twice, in Go (CanSee) and in SQL (Visible), and so is the
// rule about communities (Knows, Known); a test compares them. In doubt the answer is no,
// and whoever is refused must be told what is told of things that do not exist.
package access

import (
	"context"

	"passerelles/actors"
	"passerelles/storage"
)

// Reader is who wants to see. The zero Reader is anybody.
type Reader struct {
	ID   actors.ID // the person; whoever else lives on their server does not count
	Host string    // the server whose own Application signed, ID being 0 then
}

// Item is what of a post decides who sees it.
type Item struct {
	Post              int64
	Author, Community actors.ID // Community 0: none
	Scope             string    // public, unlisted, members, animators, direct
	Deleted           bool
}

// CanSee says whether the reader may see the post. A post keeps the scope with which it was
// written: what was public when its community closed stays so, but in one that is confidential.
// When a community is no more, what was said within it is its author's alone.
func CanSee(ctx context.Context, q storage.Querier, r Reader, it Item) (bool, error) {
	if it.Deleted {
		return false, nil
	}
	if gone, err := removedFor(ctx, q, r, it); err != nil || gone {
		return false, err
	}
	if heard, err := heardBy(ctx, q, r, it); err != nil || !heard {
		return false, err
	}
	switch it.Scope {
	case "public", "unlisted":
		return mayEnter(ctx, q, r, it.Community)
	case "members":
		s, err := standingIn(ctx, q, r, it.Community)
		return s.member || s.ended && r.wrote(it), err
	case "animators":
		s, err := standingIn(ctx, q, r, it.Community)
		return s.animator || s.ended && r.wrote(it), err
	case "direct":
		return addressed(ctx, q, r, it)
	}
	return false, nil
}

// wrote says whether the reader is the author: of what was said within a community that is no
// more, they alone keep it.
func (r Reader) wrote(it Item) bool { return r.ID != 0 && r.ID == it.Author }

// removedFor says whether a post's community took it away: then only its author sees it, and
// who animates the community, to bring it back.
func removedFor(ctx context.Context, q storage.Querier, r Reader, it Item) (bool, error) {
	if it.Community == 0 || r.ID != 0 && r.ID == it.Author {
		return false, nil
	}
	gone, err := removed(ctx, q, it.Post, it.Community)
	if err != nil || !gone || r.ID == 0 {
		return gone, err
	}
	s, err := standingIn(ctx, q, r, it.Community)
	return !s.animator, err
}

func mayEnter(ctx context.Context, q storage.Querier, r Reader, community actors.ID) (bool, error) {
	if community == 0 {
		return true, nil
	}
	s, err := standingIn(ctx, q, r, community)
	return !s.hidden || s.member, err
}

// addressed says whether a direct post was written by or to the reader.
func addressed(ctx context.Context, q storage.Querier, r Reader, it Item) (bool, error) {
	if r.ID == 0 || r.ID == it.Author {
		return r.ID != 0, nil
	}
	return mentioned(ctx, q, it.Post, r.ID)
}
