package communities

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/storage"
)

var errSoon = fault.New(fault.Unavailable, "this is not there yet")

// New is what it takes to make a community.
type New struct {
	Name, Title, Source string // Source: its description in Markdown
	Access              string // empty: open
	Language, Zone      string // empty: fr, America/Toronto
	Animator            actors.ID
}

// Create makes a community; its animator owns it and follows it.
func (s *Service) Create(ctx context.Context, n New) (Community, error) {
	return Community{}, errSoon
}

// ByName finds a community of ours by the name of its handle.
func (s *Service) ByName(ctx context.Context, name string) (Community, error) {
	return Community{}, errSoon
}

// ByID finds a community of ours.
func (s *Service) ByID(ctx context.Context, id actors.ID) (Community, error) {
	return Community{}, errSoon
}

// List gives the communities whose name comes after this one, at most limit.
func (s *Service) List(ctx context.Context, after string, limit int) ([]Community, error) {
	return nil, errSoon
}

// Profile is what a community says of itself.
type Profile struct {
	Title, Source, Language string
}

// UpdateProfile lets an animator change what the community says of itself.
func (s *Service) UpdateProfile(ctx context.Context, animator, id actors.ID, p Profile) (Community, error) {
	return Community{}, errSoon
}

// Animators gives those who animate a community, its owner among them.
func (s *Service) Animators(ctx context.Context, q storage.Querier, id actors.ID) ([]actors.Actor, error) {
	return nil, errSoon
}

// IsAnimator says whether somebody animates a community.
func (s *Service) IsAnimator(ctx context.Context, q storage.Querier, community, who actors.ID) (bool, error) {
	return false, errSoon
}

// Join makes a member of ours a member of an open community, who follows it.
func (s *Service) Join(ctx context.Context, community, who actors.ID) error { return errSoon }

// Leave ends a membership and the follow.
func (s *Service) Leave(ctx context.Context, community, who actors.ID) error { return errSoon }

// MayPublish says whether somebody may publish in a community of ours: nil, or a fault.
func (s *Service) MayPublish(ctx context.Context, q storage.Querier, community actors.ID, author actors.Actor) error {
	return errSoon
}

// ReceiveFollow lets somebody elsewhere follow an open community, and answers each time it is asked.
func (s *Service) ReceiveFollow(ctx context.Context, tx storage.Tx, by, community actors.Actor, follow vocab.Activity) error {
	return errSoon
}

// ReceiveUnfollow ends such a follow, and a membership with it; ended tells whether there was one.
func (s *Service) ReceiveUnfollow(ctx context.Context, tx storage.Tx, by, community actors.Actor) (ended bool, err error) {
	return false, errSoon
}

// What a community lets in and tells its followers.
type What struct {
	Activity                  []byte // as its author signed it, spliced byte for byte
	ActivityIRI, ActivityType string
	Object                    string // IRI of the post that it concerns
	Author                    actors.ID
	Root                      int64 // first post of the thread, for the order of delivery
	Starter                   bool  // it creates the first post of a thread
	At                        time.Time
	Since                     time.Time // not zero: reaches also those whose follow ended after it
}

// Announce tells the followers of a community of ours what it let in, in the form that each server wants.
func (s *Service) Announce(ctx context.Context, tx storage.Tx, community actors.Actor, w What) error {
	return errSoon
}

// Gone is a post that a community no longer shows.
type Gone struct {
	Object    string // IRI of the post
	Root      int64
	At, Since time.Time
}

// Unannounce takes back the boost of a post from servers that only know boosts.
func (s *Service) Unannounce(ctx context.Context, tx storage.Tx, community actors.Actor, g Gone) error {
	return errSoon
}
