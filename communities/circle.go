package communities

import (
	"context"
	"time"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// Circle is who may hear of something that a community let in.
type Circle int

// The circles, from the widest to the narrowest.
const (
	ForFollowers Circle = iota
	ForMembers
	ForAnimators
)

// audience is who is sent it; since, unless zero, adds those who left after it.
func (c Circle) audience(community actors.Actor, since time.Time) outbox.Audience {
	if c == ForFollowers {
		return outbox.Audience{FollowersOf: []actors.ID{community.ID}, FormerSince: since}
	}
	return outbox.Audience{MembersOf: community.ID, Animators: c == ForAnimators, FormerSince: since}
}

// address names the circle instead of everybody, as Lemmy does it for private communities.
func (c Circle) address(a *vocab.Activity, community actors.Actor) {
	switch c {
	case ForMembers:
		a.To, a.Cc = []string{community.Followers}, nil
	case ForAnimators:
		a.To, a.Cc = []string{community.Moderators}, nil
	}
}

// enclose has what was said sent to nobody who leaves the circle before. Its end is told all
// the same: it takes away and shows nothing.
func (c Circle) enclose(a outbox.Activity, community actors.Actor, w What) outbox.Activity {
	if c != ForFollowers && w.ActivityType != "Delete" && w.ActivityType != "Undo" {
		a.MembersOf, a.Animators = community.ID, c == ForAnimators
	}
	return a
}

// circleOf is who hears of what concerns a community as a whole.
func circleOf(ctx context.Context, q storage.Querier, community actors.ID) (Circle, error) {
	level, err := access.LevelOf(ctx, q, community)
	if err != nil || level.Closed() {
		return ForMembers, err
	}
	return ForFollowers, nil
}
