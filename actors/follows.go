package actors

import (
	"context"
	"time"

	"passerelles/storage"
)

// State is how far a follow has come.
type State string

// The states of a follow.
const (
	Pending  State = "pending"
	Accepted State = "accepted"
	Rejected State = "rejected"
	Ended    State = "ended"
)

// Follow says that one actor's posts are delivered to another.
type Follow struct {
	Followee, Follower           ID
	State                        State
	IRI                          string // of the Follow activity
	AskedAt, AnsweredAt, EndedAt time.Time
}

// SetFollow writes a follow, whatever it was before: one that had ended lives
// again. Asking again for what is accepted leaves it accepted.
func (d *Directory) SetFollow(ctx context.Context, tx storage.Tx, f Follow) error { return errSoon }

// AnswerFollow accepts a follow that is pending, or rejects one that is pending
// or accepted; it says whether that changed anything.
func (d *Directory) AnswerFollow(ctx context.Context, tx storage.Tx, followee, follower ID, accepted bool) (changed bool, err error) {
	return false, errSoon
}

// EndFollow ends a follow that is pending or accepted; it says whether there was one.
func (d *Directory) EndFollow(ctx context.Context, tx storage.Tx, followee, follower ID) (changed bool, err error) {
	return false, errSoon
}

// FollowOf reads a follow in whatever state it is.
func (d *Directory) FollowOf(ctx context.Context, q storage.Querier, followee, follower ID) (Follow, error) {
	return Follow{}, errSoon
}

// FollowByIRI reads a follow by the id of its activity.
func (d *Directory) FollowByIRI(ctx context.Context, q storage.Querier, iri string) (Follow, error) {
	return Follow{}, errSoon
}

// CountFollowers counts those who follow an actor.
func (d *Directory) CountFollowers(ctx context.Context, q storage.Querier, id ID) (int, error) {
	return 0, errSoon
}

// CountFollowing counts those whom an actor follows.
func (d *Directory) CountFollowing(ctx context.Context, q storage.Querier, id ID) (int, error) {
	return 0, errSoon
}

// FollowersPage lists those who follow an actor, newest actor first, those
// before the given id; 0: from the first.
func (d *Directory) FollowersPage(ctx context.Context, q storage.Querier, id, before ID, limit int) ([]Actor, error) {
	return nil, errSoon
}

// FollowingPage lists those whom an actor follows, as FollowersPage does.
func (d *Directory) FollowingPage(ctx context.Context, q storage.Querier, id, before ID, limit int) ([]Actor, error) {
	return nil, errSoon
}
