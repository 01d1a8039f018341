// Package access answers who may see what, and which servers we talk to.
//
// The rule about posts is told twice, in Go (CanSee) and in SQL (Visible), and a
// test compares them. In doubt the answer is no, and whoever is refused must be
// told what is told of things that do not exist.
package access

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/storage"
)

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

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
	return false, errSoon
}

// Visible is the rule of CanSee as an SQL predicate over a row of posts under
// this alias. It uses @reader (bigint, 0: anonymous) and, where a server reads,
// @reader_host (text; absent: none).
func Visible(alias string) string { return "false" }
