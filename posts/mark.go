package posts

import (
	"context"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
	"passerelles/fault"
	"passerelles/storage"
)

// Marks that a community puts on its posts.
const (
	Featured  = "featured"  // stands first
	Locked    = "locked"    // takes no more replies
	Removed   = "removed"   // taken away by who moderates; only its author still sees it
	Withdrawn = "withdrawn" // its announcement was taken back; likewise
	Held      = "held"      // it waits until who animates lets it in; likewise
)

// Mark is what a community says of a post, or takes back.
type Mark struct {
	Community actors.Actor
	Post      string // IRI, perhaps of a post that is not here yet
	Kind      string
	Holds     bool
	Reason    string
	At        time.Time // when it was said: what was said last holds

	By                        actors.ID // who said it: what a community of ours records
	Activity                  []byte    // for a community of ours to announce; nil: nothing
	ActivityIRI, ActivityType string
}

const longestReason = 500 // characters

// ReceiveMark keeps a mark whose authority the inbox established; changed tells whether
// it was otherwise before. A community of ours announces it. Of posts that are not here
// the latest are kept.
func (s *Service) ReceiveMark(ctx context.Context, tx storage.Tx, m Mark) (changed bool, err error) {
	t, _, err := liked(ctx, tx, m.Post)
	if err != nil {
		return false, err
	}
	if t == nil && m.Community.Local() || t != nil && t.Community != m.Community.ID && (t.Community != 0 || t.Local) {
		return false, fault.New(fault.Forbidden, "This post is not of this community.")
	}
	if t != nil && m.Community.Local() && m.By != 0 && m.Kind == Removed && m.Holds {
		if err := s.communities.MayActOn(ctx, tx, m.Community.ID, m.By, t.Author); err != nil {
			return false, err
		}
	}
	var early *time.Time
	if t == nil || t.Community != m.Community.ID {
		now := s.now()
		early = &now
	}
	if changed, err = upsertMark(ctx, tx, m, early); err != nil || !changed || m.Activity == nil || !m.Community.Local() {
		return changed, err
	}
	return true, s.ruled(ctx, tx, *t, m)
}

// List is what a community elsewhere lets stand first, as its own server shows it.
type List struct {
	Community actors.ID
	IRIs      []string // of the posts, the first first; they need not be here yet
	Whole     bool     // it features nothing else
	At        time.Time
}

// ReceiveFeatured marks what a list names as featured, and what it does not name, if it is
// whole, no longer; what was said later stands.
func (s *Service) ReceiveFeatured(ctx context.Context, tx storage.Tx, l List) error {
	return upsertFeatured(ctx, tx, l)
}

// RemoveAllBy takes away what somebody posted in a community, the latest 5,000. One of ours takes
// its boosts back, the latest 500, from servers that know nothing else.
func (s *Service) RemoveAllBy(ctx context.Context, tx storage.Tx, group actors.Actor, author actors.ID, at time.Time) error {
	if err := removeAllBy(ctx, tx, group.ID, author, at); err != nil || !group.Local() {
		return err
	}
	all, err := boostedBy(ctx, tx, group.ID, author, mostUnboosted)
	if err != nil {
		return err
	}
	for _, b := range all {
		again, err := s.communities.TimesRestored(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		err = s.communities.Unannounce(ctx, tx, group, communities.Gone{Object: b.IRI, Root: b.ID, Again: again, At: at,
			Since: b.Published.Add(-time.Minute)}) // clocks differ
		if err != nil {
			return err
		}
	}
	return nil
}

const mostUnboosted = 500

// Reinstate lifts that a community had withdrawn a post, which it announces again.
func (s *Service) Reinstate(ctx context.Context, tx storage.Tx, community actors.ID, iri string, at time.Time) error {
	return liftWithdrawn(ctx, tx, community, iri, at)
}

// CommunityOf gives the Group to which a post belongs, fault.NotFound for want of one.
func (s *Service) CommunityOf(ctx context.Context, q storage.Querier, iri string) (actors.ID, error) {
	return communityOfPost(ctx, q, iri)
}

// Featured gives the posts that a community features and the reader may see, the one that was
// pinned last first.
func (s *Service) Featured(ctx context.Context, r access.Reader, community actors.ID) ([]Post, error) {
	ids, err := featuredIDs(ctx, s.db, community)
	if err != nil {
		return nil, err
	}
	return s.ByIDs(ctx, r, ids)
}

// FeaturedIn gives the IRIs of the posts that a community features and the reader may see, the
// latest first.
func (s *Service) FeaturedIn(ctx context.Context, q storage.Querier, r access.Reader, community actors.ID) ([]string, error) {
	return featuredIn(ctx, q, r, community)
}

// errLocked is what they read who answer in a locked thread.
var errLocked = fault.New(fault.Forbidden, "This thread is locked: it takes no more replies.")
