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
	IRI                          string    // of the Follow activity
	AskedAt, AnsweredAt, EndedAt time.Time // zero: not yet
}

// SetFollow writes a follow, whatever it was before: one that had ended lives
// again. Asking again for what is accepted leaves it accepted. A zero AskedAt is now.
func (d *Directory) SetFollow(ctx context.Context, tx storage.Tx, f Follow) error {
	if f.AskedAt.IsZero() {
		f.AskedAt = d.now()
	}
	delivery, err := upsertFollow(ctx, tx, f)
	if err != nil || delivery == 0 {
		return err
	}
	// Who asks to be sent something lives, whatever its inbox answered before.
	return d.ReviveInbox(ctx, tx, delivery)
}

// AnswerFollow accepts a follow that is pending, or rejects one that is pending
// or accepted; it says whether that changed anything.
func (d *Directory) AnswerFollow(ctx context.Context, tx storage.Tx, followee, follower ID, accepted bool) (changed bool, err error) {
	if accepted {
		return acceptFollow(ctx, tx, followee, follower, d.now())
	}
	return rejectFollow(ctx, tx, followee, follower, d.now())
}

// EndFollow ends a follow that is pending or accepted; it says whether there was one.
func (d *Directory) EndFollow(ctx context.Context, tx storage.Tx, followee, follower ID) (changed bool, err error) {
	return endFollow(ctx, tx, followee, follower, d.now())
}

// FollowOf reads a follow in whatever state it is.
func (d *Directory) FollowOf(ctx context.Context, q storage.Querier, followee, follower ID) (Follow, error) {
	return followOf(ctx, q, followee, follower)
}

// FollowByIRI reads a follow by the id of its activity, in whatever state it is.
func (d *Directory) FollowByIRI(ctx context.Context, q storage.Querier, iri string) (Follow, error) {
	return followByIRI(ctx, q, iri)
}

// FollowersPage lists those who follow an actor, newest actor first, those
// before the given id; 0: from the first.
func (d *Directory) FollowersPage(ctx context.Context, q storage.Querier, id, before ID, limit int) ([]Actor, error) {
	return followPage(ctx, q, followers, pageOf{id, before, limit})
}

// FollowingPage lists those whom an actor follows, as FollowersPage does.
func (d *Directory) FollowingPage(ctx context.Context, q storage.Querier, id, before ID, limit int) ([]Actor, error) {
	return followPage(ctx, q, following, pageOf{id, before, limit})
}

// HostsUnder gives the names of those hosts that we know to be this one, with any port, or below it.
func (d *Directory) HostsUnder(ctx context.Context, q storage.Querier, host string) ([]string, error) {
	return hostsUnder(ctx, q, host)
}

// EndFollowsUnder ends every follow from and to those who live on such hosts.
func (d *Directory) EndFollowsUnder(ctx context.Context, tx storage.Tx, host string) error {
	hosts, err := hostsUnder(ctx, tx, host)
	if err != nil {
		return err
	}
	return endFollowsUnder(ctx, tx, hosts, d.now())
}

// Ties counts who follows somebody, and whom they follow.
type Ties struct{ Followers, Following int }

// TiesOf counts it for many.
func (d *Directory) TiesOf(ctx context.Context, q storage.Querier, ids []ID) (map[ID]Ties, error) {
	return tiesOf(ctx, q, ids)
}

// Between gives the follows of somebody to others, and of others to them, by the other.
func (d *Directory) Between(ctx context.Context, q storage.Querier, me ID, others []ID) (to, from map[ID]State, err error) {
	return followsBetween(ctx, q, me, others)
}
