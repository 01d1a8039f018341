package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// ReceiveFollow answers who asks from elsewhere to follow a community, or to join it. Whoever
// follows an open one hears of it, and is a member who joins it. To one that is for members
// both are a request, which its animators answer; to a confidential one both answer an
// invitation, and without one nothing is there. It answers each time it is asked: who asks
// again has not had the answer. Whom the community has blocked is answered no, and who would
// join one that is archived.
func (s *Service) ReceiveFollow(ctx context.Context, tx storage.Tx, by, community actors.Actor, follow vocab.Activity) error {
	if by.Local() || by.Kind == actors.Application {
		return fault.New(fault.Forbidden, "Such an actor cannot follow a community.")
	}
	st, err := s.lockedStanding(ctx, tx, community.ID, by.ID)
	switch {
	case err != nil:
		return err
	case st.Access == actors.Confidential && !st.Member && (!st.Invited || st.Blocked):
		return errUnknown
	case by.Kind == actors.Group && !st.Member && (st.Access.Closed() || follow.Type == "Join"):
		return fault.New(fault.Forbidden, "Only people are members of a community.")
	case st.Blocked, st.Archived && !st.Member && (follow.Type == "Join" || st.Access != actors.Open):
		return s.answer(ctx, tx, by, community, follow, "Reject")
	}
	if follows := st.Access == actors.Open && follow.Type != "Join"; !st.Member && !follows { // of which nobody is told
		if err := s.comesFrom(community.ID, by.ID, follow.ID); err != nil {
			return err
		}
	}
	switch {
	case st.Member || st.Invited || st.Access == actors.Open && follow.Type == "Join":
		if err := s.welcome(ctx, tx, by, community, follow); err != nil || st.Member {
			return err
		}
		return s.writeTo(ctx, tx, by, community, false)
	case st.Access == actors.Open:
		return s.accept(ctx, tx, by, community, follow)
	}
	return s.keepRequest(ctx, tx, by, community, follow)
}

// welcome makes a member of who asked from elsewhere, and says so.
func (s *Service) welcome(ctx context.Context, tx storage.Tx, by, community actors.Actor, asked vocab.Activity) error {
	if err := insertMembership(ctx, tx, membership{community.ID, by.ID, RoleMember, s.now()}); err != nil {
		return err
	}
	if err := deletePurge(ctx, tx, community.ID, by.HostID); err != nil {
		return err
	}
	return s.accept(ctx, tx, by, community, asked)
}

// accept has what the community tells delivered to who asked for it.
func (s *Service) accept(ctx context.Context, tx storage.Tx, by, community actors.Actor, asked vocab.Activity) error {
	now := s.now()
	err := s.dir.SetFollow(ctx, tx, actors.Follow{Followee: community.ID, Follower: by.ID, State: actors.Accepted,
		IRI: asked.ID, AskedAt: now, AnsweredAt: now})
	if err != nil {
		return err
	}
	return s.answer(ctx, tx, by, community, asked, "Accept")
}

// answer carries the Follow: Lemmy does not look for it by its id.
func (s *Service) answer(ctx context.Context, tx storage.Tx, by, community actors.Actor, follow vocab.Activity, yesOrNo string) error {
	asked, err := follow.Named().Embed()
	if err != nil {
		return err
	}
	answer := vocab.Activity{ID: s.iris.NewActivity(), Type: yesOrNo, Actor: community.IRI, Object: asked, To: []string{by.IRI}, Published: s.now()}
	return send(ctx, tx, outbox.Audience{To: []actors.ID{by.ID}}, community, answer)
}

// ReceiveUnfollow ends such a follow, or the request, and a membership with it; ended tells
// whether there was one.
func (s *Service) ReceiveUnfollow(ctx context.Context, tx storage.Tx, by, community actors.Actor) (ended bool, err error) {
	ask, err := s.part(ctx, tx, naming{group: community, by: by.ID, who: by.ID})
	if err != nil {
		return false, err
	}
	if ended, err = s.dir.EndFollow(ctx, tx, community.ID, by.ID); err != nil {
		return false, err
	}
	return ended, ask()
}
