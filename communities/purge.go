package communities

import (
	"context"
	"time"

	"passerelles/actors"
	"passerelles/federation"
	"passerelles/federation/vocab"
	"passerelles/outbox"
	"passerelles/storage"
)

// answersWithin is how long a server that was asked to forget is waited for: as long as what
// does not arrive is tried again.
const answersWithin = 14 * 24 * time.Hour

// What became of the request that a server forget.
const (
	PurgeAsked        = "asked"
	PurgeAcknowledged = "acknowledged"
	PurgeUnanswered   = "unanswered"
)

// Purge is that a server whose last member left was asked to forget what it holds.
type Purge struct {
	Host    string
	State   string
	AskedAt time.Time
}

// Purges tells those who animate a community which servers were asked to forget it, the last
// first.
func (s *Service) Purges(ctx context.Context, animator, community actors.ID) ([]Purge, error) {
	if err := s.requireAnimator(ctx, s.db, community, animator); err != nil {
		return nil, err
	}
	rows, err := purgesOf(ctx, s.db, community)
	if err != nil {
		return nil, err
	}
	all := make([]Purge, len(rows))
	for i, r := range rows {
		all[i] = Purge{Host: r.Host, AskedAt: r.AskedAt, State: PurgeAsked}
		switch {
		case r.Acknowledged:
			all[i].State = PurgeAcknowledged
		case r.Dead || s.now().Sub(r.AskedAt) > answersWithin:
			all[i].State = PurgeUnanswered
		}
	}
	return all, nil
}

// askToPurge asks the server of somebody who is no member any more to forget what is for
// members, if nobody else there is one.
func (s *Service) askToPurge(ctx context.Context, tx storage.Tx, group, last actors.Actor) error {
	if last.Local() {
		return nil
	}
	others, err := membersAt(ctx, tx, group.ID, last.HostID)
	if err != nil || others {
		return err
	}
	server, err := serverAt(ctx, tx, last.HostID)
	if err != nil {
		return err
	}
	if server == "" { // it never signed in its own name: every server shows its own actor there
		origin, err := federation.Origin(last.IRI)
		if err != nil {
			return err
		}
		server = origin + "/"
	}
	a := vocab.Activity{ID: s.iris.NewActivity(), Type: "Remove", Actor: group.IRI, Object: vocab.Link(group.IRI), Target: vocab.Link(server),
		To: []string{server}, RemoveData: true, Published: s.now()}
	if err := upsertPurge(ctx, tx, purge{Community: group.ID, Host: last.HostID, Activity: a.ID, AskedAt: s.now()}); err != nil {
		return err
	}
	err = insertRuling(ctx, tx, Ruling{Community: group.ID, By: group.ID, Act: Forget, Activity: a.ID, Words: last.Host, At: s.now()})
	if err != nil {
		return err
	}
	return send(ctx, tx, outbox.Audience{To: []actors.ID{last.ID}}, group, a)
}

// ReceivePurged notes that a server did as it was asked; found tells whether it was.
func (s *Service) ReceivePurged(ctx context.Context, tx storage.Tx, by actors.Actor, activity string) (found bool, err error) {
	community, was, err := acknowledgePurge(ctx, tx, by.HostID, activity, s.now())
	if err != nil || community == 0 || was {
		return community != 0, err
	}
	return true, insertRuling(ctx, tx, Ruling{Community: community, By: community, Act: Forgot, Activity: activity, Words: by.Host, At: s.now()})
}

// ServesNobody says whether nobody of ours is a member of a community elsewhere: then it may ask
// us to forget it.
func (s *Service) ServesNobody(ctx context.Context, q storage.Querier, community actors.ID) (bool, error) {
	n, err := countMembers(ctx, q, community)
	return n == 0, err
}

// CutOff ends all memberships between us and some servers with which nobody talks any more: of
// their people here and of ours there, with what would lead to them. A confidential community
// shows itself to them no more. To talk again brings none of it back.
func (s *Service) CutOff(ctx context.Context, tx storage.Tx, hosts []string) error {
	animated, err := cutOff(ctx, tx, hosts, s.now())
	if err != nil {
		return err
	}
	for _, m := range animated {
		group, err := s.dir.ByID(ctx, m.Community)
		if err != nil {
			return err
		}
		who, err := s.dir.ByID(ctx, m.Who)
		if err != nil {
			return err
		}
		n := naming{group: group, who: m.Who}
		if err := s.recordRole(ctx, tx, n, Part, m.Role); err != nil {
			return err
		}
		if err := s.tellModerator(ctx, tx, n, who); err != nil {
			return err
		}
	}
	return nil
}
