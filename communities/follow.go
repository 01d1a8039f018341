package communities

import (
	"context"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// ReceiveFollow lets somebody elsewhere follow an open community, and answers
// each time it is asked: who asks again has not had the answer. Whom the
// community has blocked is answered no.
func (s *Service) ReceiveFollow(ctx context.Context, tx storage.Tx, by, community actors.Actor, follow vocab.Activity) error {
	if by.Local() || by.Kind == actors.Application {
		return fault.New(fault.Forbidden, "Such an actor cannot follow a community.")
	}
	st, err := standingOf(ctx, tx, community.ID, by.ID)
	if err != nil {
		return err
	}
	if st.Access != Open {
		return fault.New(fault.NotFound, "There is no such community.")
	}
	if st.Blocked {
		return s.answer(ctx, tx, by, community, follow, "Reject")
	}
	now := s.now()
	err = s.dir.SetFollow(ctx, tx, actors.Follow{Followee: community.ID, Follower: by.ID, State: actors.Accepted,
		IRI: follow.ID, AskedAt: now, AnsweredAt: now})
	if err != nil {
		return err
	}
	return s.answer(ctx, tx, by, community, follow, "Accept")
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

// ReceiveUnfollow ends such a follow, and a membership with it; ended tells whether there was one.
func (s *Service) ReceiveUnfollow(ctx context.Context, tx storage.Tx, by, community actors.Actor) (ended bool, err error) {
	role, err := roleOf(ctx, tx, community.ID, by.ID)
	if err != nil {
		return false, err
	}
	if role == roleMember {
		if err := deleteMembership(ctx, tx, community.ID, by.ID); err != nil {
			return false, err
		}
	}
	return s.dir.EndFollow(ctx, tx, community.ID, by.ID)
}
