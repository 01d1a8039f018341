package posts

import (
	"context"
	"slices"

	"passerelles/access"
	"passerelles/actors"
	"passerelles/communities"
)

// widths are the scopes of what stands in a community, from the widest. Direct stands apart.
var widths = []string{Public, Unlisted, Members, Animators}

// narrower gives the narrower of two scopes: nothing is ever for more people than what it
// answers, nor than its community lets in.
func narrower(a, b string) string {
	if slices.Index(widths, a) < slices.Index(widths, b) {
		return b
	}
	return a
}

// widest is the widest scope that a community lets be chosen now.
func widest(access actors.Access) string {
	if access.Closed() {
		return Members
	}
	return Public
}

// ScopesFor gives for whom somebody may write in a community, the widest first.
func (s *Service) ScopesFor(ctx context.Context, who, community actors.ID) ([]string, error) {
	level, err := access.LevelOf(ctx, s.db, community)
	if err != nil {
		return nil, err
	}
	scopes := []string{widest(level)}
	standing, err := s.communities.StandingOf(ctx, s.db, community, who)
	if err != nil {
		return nil, err
	}
	if standing == communities.Member && scopes[0] != Members {
		scopes = append(scopes, Members)
	}
	animates, err := s.communities.IsAnimator(ctx, s.db, community, who)
	if animates {
		scopes = append(scopes, Animators)
	}
	return scopes, err
}

// shown says whether a scope is for everybody.
func shown(scope string) bool { return scope == Public || scope == Unlisted }

// inside says whether a scope is for those who belong to a community.
func inside(scope string) bool { return scope == Members || scope == Animators }

// publication is what its community is asked about a post.
func (p Post) publication() communities.Publication {
	circle, _ := circleOf(p.Scope)
	return communities.Publication{Community: p.Community.ID, Author: p.Author.ID, Circle: circle, Starts: p.Starter()}
}

// circleOf is who hears of a post from its community; told is false of what is direct.
func circleOf(scope string) (c communities.Circle, told bool) {
	switch scope {
	case Public, Unlisted:
		return communities.ForFollowers, true
	case Members:
		return communities.ForMembers, true
	case Animators:
		return communities.ForAnimators, true
	}
	return c, false
}
