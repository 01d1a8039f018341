// Package access answers who may see what, and which servers we talk to.
//
// The rule about posts is told twice, in Go (CanSee) and in SQL (Visible), and a
// test compares them. In doubt the answer is no, and whoever is refused must be
// told what is told of things that do not exist.
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

// CanSee says whether the reader may see the post.
func CanSee(ctx context.Context, q storage.Querier, r Reader, it Item) (bool, error) {
	if it.Deleted {
		return false, nil
	}
	if gone, err := removedFor(ctx, q, r, it); err != nil || gone {
		return false, err
	}
	switch it.Scope {
	case "public", "unlisted":
		return mayEnter(ctx, q, r, it.Community)
	case "members":
		s, err := standingIn(ctx, q, r, it.Community)
		return s.member, err
	case "animators":
		s, err := standingIn(ctx, q, r, it.Community)
		return s.animator, err
	case "direct":
		return addressed(ctx, q, r, it)
	}
	return false, nil
}

// removedFor says whether a post's community took it away: then only its author sees it.
func removedFor(ctx context.Context, q storage.Querier, r Reader, it Item) (bool, error) {
	if it.Community == 0 || r.ID != 0 && r.ID == it.Author {
		return false, nil
	}
	return removed(ctx, q, it.Post, it.Community)
}

// mayEnter says whether what is public in a community is so for the reader:
// a community that is not open keeps it among its members. One of another
// server is as open as that server, which announced the post, left it.
func mayEnter(ctx context.Context, q storage.Querier, r Reader, community actors.ID) (bool, error) {
	if community == 0 {
		return true, nil
	}
	s, err := standingIn(ctx, q, r, community)
	return s.open || s.member, err
}

// standing is what a reader is in a community.
type standing struct{ open, member, animator bool }

// standingIn looks at the person, or for a server at those who live there. A
// confidential community shows itself to people, not to whole servers.
func standingIn(ctx context.Context, q storage.Querier, r Reader, community actors.ID) (standing, error) {
	if community == 0 {
		return standing{}, nil
	}
	access, err := accessOf(ctx, q, community)
	if err != nil {
		return standing{}, err
	}
	s := standing{open: access == "open" || access == ""}
	var roles []string
	switch {
	case r.ID != 0:
		roles, err = rolesOf(ctx, q, community, r.ID)
	case r.Host != "" && access != "confidential":
		roles, err = rolesAt(ctx, q, community, r.Host)
	}
	for _, role := range roles {
		s.member = true
		s.animator = s.animator || role == "animator" || role == "owner"
	}
	return s, err
}

// addressed says whether a direct post was written by or to the reader.
func addressed(ctx context.Context, q storage.Querier, r Reader, it Item) (bool, error) {
	if r.ID == 0 || r.ID == it.Author {
		return r.ID != 0, nil
	}
	return mentioned(ctx, q, it.Post, r.ID)
}
