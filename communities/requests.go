package communities

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/fault"
	"passerelles/federation/vocab"
	"passerelles/notifications"
	"passerelles/outbox"
	"passerelles/storage"
	"passerelles/text"
)

// Request is that somebody asks to be a member.
type Request struct {
	Who     actors.Actor
	Words   string // plain text
	Answers []Answer
	Charter int // the version that they accepted; 0: none
	AskedAt time.Time
}

// keepRequest notes who asks from elsewhere; the activity is what will be answered.
func (s *Service) keepRequest(ctx context.Context, tx storage.Tx, by, community actors.Actor, asked vocab.Activity) error {
	asking, err := asked.Named().Embed()
	if err != nil {
		return err
	}
	c, err := crowdOf(ctx, tx, community.ID, by.ID, by.HostID)
	if err != nil {
		return err
	}
	if err := c.tooMany(); err != nil {
		return err
	}
	now := s.now()
	follows, err := s.follows(ctx, tx, community.ID, by.ID) // since before it was for members
	if err != nil {
		return err
	}
	if !follows {
		err = s.dir.SetFollow(ctx, tx, actors.Follow{Followee: community.ID, Follower: by.ID, State: actors.Pending,
			IRI: asked.ID, AskedAt: now})
		if err != nil {
			return err
		}
	}
	err = upsertRequest(ctx, tx, request{Community: community.ID, Who: by.ID, Activity: asking.Raw, AskedAt: now,
		Words: text.Excerpt(text.Plain(text.Sanitize(asked.Content)), longestWords)})
	if err != nil {
		return err
	}
	if err := s.tellRequest(ctx, tx, community.ID, by.ID, c); err != nil {
		return err
	}
	return s.writeTo(ctx, tx, by, community, true)
}

// Requests lists who asks to be a member, the first to ask first, for those who animate.
func (s *Service) Requests(ctx context.Context, animator, community actors.ID, limit int) ([]Request, error) {
	if err := s.requireAnimator(ctx, s.db, community, animator); err != nil {
		return nil, err
	}
	rows, err := requestsOf(ctx, s.db, community, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]actors.ID, len(rows))
	for i, r := range rows {
		ids[i] = r.Who
	}
	known, err := s.dir.ByIDs(ctx, ids)
	if err != nil {
		return nil, err
	}
	answers, err := answersTo(ctx, s.db, community, ids)
	if err != nil {
		return nil, err
	}
	accepted, err := acceptedBy(ctx, s.db, community, ids)
	var all []Request
	for _, r := range rows {
		if a, ok := known[r.Who]; ok && !a.Gone {
			all = append(all, Request{Who: a, Words: r.Words, Answers: answers[r.Who], Charter: accepted[r.Who], AskedAt: r.AskedAt})
		}
	}
	return all, err
}

// Approve makes a member of who asked. fault.NotFound: nobody asks; another animator was
// quicker, or it was taken back.
func (s *Service) Approve(ctx context.Context, animator, community, who actors.ID) error {
	return s.decide(ctx, animator, community, who, notifications.Approved, func(ctx context.Context, tx storage.Tx, by, group actors.Actor, r request) error {
		if err := s.RefuseArchived(ctx, tx, community); err != nil {
			return err
		}
		if by.Local() {
			return s.admit(ctx, tx, community, who, RoleMember)
		}
		asked, err := asking(r)
		if err != nil {
			return err
		}
		return s.welcome(ctx, tx, by, group, asked)
	})
}

// Decline refuses a request. Who asked may ask again.
func (s *Service) Decline(ctx context.Context, animator, community, who actors.ID) error {
	return s.decide(ctx, animator, community, who, notifications.Declined, func(ctx context.Context, tx storage.Tx, by, group actors.Actor, r request) error {
		if err := forgetAcceptances(ctx, tx, community, who); err != nil || by.Local() {
			return err
		}
		if _, err := s.dir.AnswerFollow(ctx, tx, community, who, false); err != nil {
			return err
		}
		asked, err := asking(r)
		if err != nil {
			return err
		}
		return s.answer(ctx, tx, by, group, asked, "Reject")
	})
}

type decision func(ctx context.Context, tx storage.Tx, by, group actors.Actor, r request) error

func (s *Service) decide(ctx context.Context, animator, community, who actors.ID, told string, do decision) error {
	by, err := s.dir.ByID(ctx, who)
	if err != nil {
		return err
	}
	group, err := s.dir.ByID(ctx, community)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		r, err := takeRequest(ctx, tx, community, who)
		if err != nil {
			return err
		}
		if err := do(ctx, tx, by, group, r); err != nil {
			return err
		}
		return s.notify(ctx, tx, told, community, who)
	})
	if err == nil {
		s.poke()
	}
	return err
}

func asking(r request) (vocab.Activity, error) {
	d, err := vocab.Decode(r.Activity)
	if err != nil {
		return vocab.Activity{}, err
	}
	return d.Activity()
}

// Remove ends a membership and the follow: of members, and by an owner of who animates the
// community; an owner is none any more first. Their server is told; it gets nothing more, nor
// what waits.
func (s *Service) Remove(ctx context.Context, animator, community, who actors.ID) error {
	by, err := s.dir.ByID(ctx, who)
	if err != nil && !fault.Is(err, fault.Gone) {
		return err
	}
	group, err := s.dir.ByID(ctx, community)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Tx) error {
		if err := s.requireAnimator(ctx, tx, community, animator); err != nil {
			return err
		}
		return s.remove(ctx, tx, animator, by, group)
	})
	if err == nil {
		s.poke()
	}
	return err
}

func (s *Service) remove(ctx context.Context, tx storage.Tx, animator actors.ID, who, group actors.Actor) error {
	if err := lockStanding(ctx, tx, group.ID, who.ID); err != nil { // of two at once, one removes
		return err
	}
	if err := lockCommunity(ctx, tx, group.ID); err != nil { // nobody becomes its owner meanwhile
		return err
	}
	role, err := roleOf(ctx, tx, group.ID, who.ID)
	switch {
	case err != nil:
		return err
	case role == "":
		return fault.New(fault.NotFound, noMember)
	case role == RoleOwner:
		return fault.New(fault.Forbidden, "Who owns a community is not removed from it.")
	}
	if err := s.MayActOn(ctx, tx, group.ID, animator, who.ID); err != nil {
		return err
	}
	ask, err := s.part(ctx, tx, naming{group: group, by: animator, who: who.ID})
	if err != nil {
		return err
	}
	if err := s.notify(ctx, tx, notifications.Removed, group.ID, who.ID); err != nil {
		return err
	}
	follow, err := s.dir.FollowOf(ctx, tx, group.ID, who.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if _, err := s.dir.AnswerFollow(ctx, tx, group.ID, who.ID, false); err != nil || who.Local() {
		return err
	}
	if err := s.tellRemoval(ctx, tx, who, group, follow.IRI); err != nil {
		return err
	}
	return ask()
}

// tellRemoval says it in two ways: as the end of the follow, which all understand, and as
// the end of the membership.
func (s *Service) tellRemoval(ctx context.Context, tx storage.Tx, who, group actors.Actor, followIRI string) error {
	follow := vocab.Activity{ID: followIRI, Type: "Follow", Actor: who.IRI, Object: vocab.Link(group.IRI)}
	if followIRI != "" {
		if err := s.answer(ctx, tx, who, group, follow, "Reject"); err != nil {
			return err
		}
	}
	return s.tellMembership(ctx, tx, who, group, "Remove")
}

// tellMembership adds somebody elsewhere to the members, or removes them, for their server.
func (s *Service) tellMembership(ctx context.Context, tx storage.Tx, who, group actors.Actor, addOrRemove string) error {
	a := vocab.Activity{ID: s.iris.NewActivity(), Type: addOrRemove, Actor: group.IRI, Object: vocab.Link(who.IRI),
		Target: vocab.Link(group.Members), To: []string{who.IRI}, Published: s.now()}
	return send(ctx, tx, outbox.Audience{To: []actors.ID{who.ID}}, group, a)
}
