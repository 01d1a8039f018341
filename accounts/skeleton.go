package accounts

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

// New is what it takes to become a member.
type New struct {
	Name, Email, Password string
	Title, Language       string // both may be empty
	Admin                 bool
}

// Create makes a member and its Person.
func (s *Service) Create(ctx context.Context, n New) (Member, error) { return Member{}, errSoon }

// SignIn lets a member in by e-mail or name, and password; address is the visitor's.
func (s *Service) SignIn(ctx context.Context, login, password, address string) (Member, error) {
	return Member{}, errSoon
}

// ByID finds a member.
func (s *Service) ByID(ctx context.Context, id actors.ID) (Member, error) { return Member{}, errSoon }

// ByName finds a member by the name of its handle.
func (s *Service) ByName(ctx context.Context, name string) (Member, error) {
	return Member{}, errSoon
}

// List gives all members by name.
func (s *Service) List(ctx context.Context) ([]Member, error) { return nil, errSoon }

// IssueToken makes a secret that stands for the member until ttl has passed; ttl 0 is for ever.
func (s *Service) IssueToken(ctx context.Context, id actors.ID, label string, ttl time.Duration) (string, error) {
	return "", errSoon
}

// ByToken finds the member for whom a secret stands.
func (s *Service) ByToken(ctx context.Context, secret string) (Member, error) {
	return Member{}, errSoon
}

// RevokeToken ends a secret.
func (s *Service) RevokeToken(ctx context.Context, secret string) error { return errSoon }

// SetPassword changes a password.
func (s *Service) SetPassword(ctx context.Context, id actors.ID, password string) error {
	return errSoon
}

// Profile is what a member says of itself.
type Profile struct {
	Title, Source, Language string // Source in Markdown
}

// UpdateProfile changes a profile and tells it to those who follow.
func (s *Service) UpdateProfile(ctx context.Context, id actors.ID, p Profile) (Member, error) {
	return Member{}, errSoon
}

// Follow asks to follow a person or a community, and gives the state of the
// follow: "accepted" or "pending".
func (s *Service) Follow(ctx context.Context, who actors.ID, target actors.Actor) (string, error) {
	return "", errSoon
}

// Unfollow ends a follow.
func (s *Service) Unfollow(ctx context.Context, who actors.ID, target actors.Actor) error {
	return errSoon
}

// ReceiveFollow lets somebody elsewhere follow a person of ours, and answers.
func (s *Service) ReceiveFollow(ctx context.Context, tx storage.Tx, by, target actors.Actor, follow vocab.Activity) error {
	return errSoon
}

// ReceiveUnfollow ends such a follow; ended tells whether there was one.
func (s *Service) ReceiveUnfollow(ctx context.Context, tx storage.Tx, by, target actors.Actor) (ended bool, err error) {
	return false, errSoon
}

// FollowAnswered records what the followee (by) answered to a follow of ours. It
// is found by its IRI or, if that is unknown or empty, by its follower.
func (s *Service) FollowAnswered(ctx context.Context, tx storage.Tx, by actors.Actor, a Answer) error {
	return errSoon
}

// Answer is an Accept or a Reject of a Follow.
type Answer struct {
	FollowIRI string
	Follower  actors.ID // 0 if the answer does not name it
	Accepted  bool
}
